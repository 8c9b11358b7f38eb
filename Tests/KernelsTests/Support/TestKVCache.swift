import Kernels

/// One layer's KV cache as the kernels find it, and the numbers that stand in it.
struct TestKVCache {
    let shape: AttentionShape
    /// What the device holds.
    private(set) var bytes: [UInt8]
    /// The same as numbers: [block][kvHead][k, v][blockSize][headSize]. Rows nobody has written
    /// are not numbers.
    private(set) var values: [Float]

    /// A cache in which nothing has been written: what is read from it is no number.
    init(_ shape: AttentionShape, blockCount: Int) {
        self.shape = shape
        // As halves, and as the scales of bytes, all of these are no numbers.
        bytes = [UInt8](repeating: 0x7F, count: blockCount * shape.blockByteCount)
        values = [Float](
            repeating: .nan,
            count: blockCount * shape.kvHeadCount * 2 * shape.blockSize * shape.headSize
        )
    }

    /// What a device's bytes mean.
    init(_ shape: AttentionShape, bytes: [UInt8]) {
        self.init(shape, blockCount: bytes.count / shape.blockByteCount)
        self.bytes = bytes
        let size = shape.headSize
        for row in 0..<values.count / size {
            let (tile, slot) = (row / shape.blockSize, row % shape.blockSize)
            for i in 0..<size {
                switch shape.kvFormat {
                case .f16: values[row * size + i] = half(at: quantIndex(tile, slot, i))
                case .q8_0:
                    let quant = Int8(bitPattern: bytes[quantIndex(tile, slot, i)])
                    values[row * size + i] = Float(quant) * scale(tile: tile, slot: slot, i / 32)
                }
            }
        }
    }

    /// Bytes that belong to a row.
    func byteIndices(tile: Int, slot: Int) -> [Int] {
        let width = shape.kvFormat == .f16 ? 2 : 1
        let elements = (0..<shape.headSize).flatMap { i in
            (0..<width).map { quantIndex(tile, slot, i) + $0 }
        }
        guard shape.kvFormat == .q8_0 else { return elements }
        return elements
            + (0..<shape.headSize / 32).flatMap { group in
                (0..<2).map { scaleIndex(tile, slot, group) + $0 }
            }
    }

    /// The scale of 32 elements of a row.
    func scale(tile: Int, slot: Int, _ group: Int) -> Float {
        half(at: scaleIndex(tile, slot, group))
    }

    /// Where element `i` of a row stands, without its scale: values row by row, keys column by
    /// column, in words of four bytes.
    private func quantIndex(_ tile: Int, _ slot: Int, _ i: Int) -> Int {
        let width = shape.kvFormat == .f16 ? 2 : 1
        let wordElements = 4 / width
        let word =
            tile % 2 == 1
            ? slot * shape.headSize / wordElements + i / wordElements
            : i / wordElements * shape.blockSize + slot
        return tileStart(tile) + 4 * word + i % wordElements * width
    }

    private func scaleIndex(_ tile: Int, _ slot: Int, _ group: Int) -> Int {
        let index =
            tile % 2 == 1
            ? slot * shape.headSize / 32 + group : group * shape.blockSize + slot
        return tileStart(tile) + shape.blockSize * shape.headSize + 2 * index
    }

    private func tileStart(_ tile: Int) -> Int {
        tile * shape.blockSize * shape.kvFormat.rowByteCount(headSize: shape.headSize)
    }

    private func half(at index: Int) -> Float {
        Float(Float16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8))
    }

    /// Puts random numbers that the format can hold into one row.
    /// - Parameter tile: (block * kvHeadCount + kvHead) * 2 + (key: 0, value: 1).
    mutating func fill(tile: Int, slot: Int, _ generator: inout SeededGenerator) {
        let size = shape.headSize
        let row = (tile * shape.blockSize + slot) * size
        switch shape.kvFormat {
        case .f16:
            for i in 0..<size {
                let value = Float16(generator.float() * 2)
                values[row + i] = Float(value)
                put(value.bitPattern, at: quantIndex(tile, slot, i))
            }
        case .q8_0:
            for group in 0..<size / 32 {
                let scale = Float16(abs(generator.float()) / 64)
                put(scale.bitPattern, at: scaleIndex(tile, slot, group))
                for i in 32 * group..<32 * group + 32 {
                    let quant = Int8.random(in: -127...127, using: &generator)
                    values[row + i] = Float(quant) * Float(scale)
                    bytes[quantIndex(tile, slot, i)] = UInt8(bitPattern: quant)
                }
            }
        }
    }

    private mutating func put(_ half: UInt16, at index: Int) {
        bytes[index] = UInt8(truncatingIfNeeded: half)
        bytes[index + 1] = UInt8(half >> 8)
    }
}
