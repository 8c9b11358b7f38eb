import Checkpoints

/// What random blocks of a checkpoint's format hold.
enum BlockContents: String, CaseIterable {
    /// Any quants, and scales as a model has them: weights of about 1.
    case ordinary
    /// Any finite scales, among them zero, subnormal and the greatest; quants all zero or all ones
    /// in every third block.
    case extreme
}

/// `weightCount` random weights as a checkpoint of `type` stores them.
func randomBlocks(
    _ contents: BlockContents,
    of type: DataType,
    weightCount: Int,
    _ generator: inout SeededGenerator
) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in 0..<weightCount / type.blockSize {
        var block = (0..<type.blockByteCount).map { _ in
            UInt8(truncatingIfNeeded: generator.next() >> 32)
        }
        if contents == .extreme && index % 3 > 0 {
            for i in block.indices { block[i] = index % 3 == 1 ? 0 : 0xFF }
        }
        switch type {
        case .f32: block.put(contents.float(&generator).bitPattern, at: 0)
        case .bf16: block.put(UInt16(contents.float(&generator).bitPattern >> 16), at: 0)
        case .mxfp4: block[0] = contents.exponent(index, &generator)
        default:
            for offset in type.halfOffsets {
                block.put(contents.half(index, &generator), at: offset)
            }
        }
        bytes += block
    }
    return bytes
}

extension DataType {
    /// Where in a block the numbers of half precision are.
    fileprivate var halfOffsets: [Int] {
        switch self {
        case .f16, .q4_0, .q5_0, .q8_0, .iq4_nl, .iq4_xs: [0]
        case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
        case .q2_K: [80, 82]
        case .q3_K: [108]
        case .q6_K: [208]
        default: []
        }
    }
}

extension BlockContents {
    fileprivate func float(_ generator: inout SeededGenerator) -> Float {
        switch self {
        case .ordinary: generator.float()
        case .extreme:
            // A normal number: a device may take the others for zero.
            Float(
                sign: generator.next() % 2 == 0 ? .plus : .minus,
                exponent: Int.random(in: -126...127, using: &generator),
                significand: 1 + abs(generator.float()) / 2
            )
        }
    }

    fileprivate func half(_ index: Int, _ generator: inout SeededGenerator) -> UInt16 {
        let edges: [UInt16] = [0, 0x8000, 1, 0x83FF, 0x0400, 0x7BFF, 0xFBFF]
        switch self {
        case .ordinary: return Float16(generator.float() / 16).bitPattern
        case .extreme where index % 2 == 0: return edges[Int(generator.next() >> 32) % edges.count]
        case .extreme:
            let bits = UInt16(truncatingIfNeeded: generator.next() >> 32)
            return bits & 0x7C00 == 0x7C00 ? bits ^ 0x4000 : bits
        }
    }

    fileprivate func exponent(_ index: Int, _ generator: inout SeededGenerator) -> UInt8 {
        switch self {
        case .ordinary: UInt8.random(in: 120...127, using: &generator)
        // 0 and 1 are subnormal scales, see `float`.
        case .extreme: [2, 254, 255, UInt8.random(in: 2...255, using: &generator)][index % 4]
        }
    }
}

extension [UInt8] {
    /// Puts an integer's bytes, the least significant first.
    fileprivate mutating func put<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        for i in 0..<T.bitWidth / 8 {
            self[offset + i] = UInt8(truncatingIfNeeded: value >> T(8 * i))
        }
    }
}
