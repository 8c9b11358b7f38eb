import Checkpoints

/// The matrices in FP8 of a folder, with scales for their blocks, rows or all of a matrix. Here
/// they are brain floats: a product of weight and scale is rounded to eight bits, where FP8 itself
/// has four.
struct FP8Matrices {
    private let folder: SafetensorsFolder
    private let block: FP8Block?

    /// - Parameter block: what shares a scale, where the scales' shape does not say.
    init(_ folder: SafetensorsFolder, _ block: FP8Block?) {
        (self.folder, self.block) = (folder, block)
    }

    /// All there are, and what is to be said of them.
    /// - Throws: `ModelError` where scales are missing or do not fit.
    func all() throws -> (tensors: [DerivedTensor], notes: [String]) {
        let tensors = try folder.tensors.filter { $0.dataType == .f8_e4m3 }.map(unpacked)
        let byteCount = tensors.reduce(0) { $0 + $1.info.byteCount }
        let note =
            "\(tensors.count) matrices in FP8 are unpacked to BF16, \(byteCount >> 20) MiB; "
            + "--quantization q8_0 stores them in about half of that."
        return (tensors, tensors.isEmpty ? [] : [note])
    }

    private func unpacked(_ weight: TensorInfo) throws -> DerivedTensor {
        guard weight.shape.count == 2, weight.elementCount > 0, weight.shape[1] % 32 == 0 else {
            throw ModelError.badConfiguration(
                file: folder.path,
                detail: "`\(weight.name)` is in FP8 and has the shape \(weight.shape)"
            )
        }
        let (rows, columns) = (weight.shape[0], weight.shape[1])
        let scales = try self.scales(of: weight)
        return DerivedTensor(
            info: TensorInfo(
                name: weight.name,
                shape: weight.shape,
                dataType: .bf16,
                fileOffset: 0
            ),
            rowCount: rows,
            sources: [weight.name, scales.tensor.name]
        ) { [folder] rows in
            let bytes = try folder.bytes(
                of: weight,
                rows.lowerBound * columns..<rows.upperBound * columns
            )
            let values = try scales.values(folder)
            var unpacked = [UInt8](repeating: 0, count: 2 * bytes.count)
            var span = unpacked.mutableSpan
            var target = unsafe span.mutableBytes
            for row in rows {
                let first = (row - rows.lowerBound) * columns
                let scaleRow = row / scales.rows * scales.columnCount
                for (index, start) in stride(from: 0, to: columns, by: scales.columns).enumerated()
                {
                    let scale = values[scaleRow + index]
                    for at in stride(from: start, to: min(start + scales.columns, columns), by: 8) {
                        let eight = unsafe unpack(bytes.span.bytes.eight(first + at), scale)
                        target.store(eight, 2 * (first + at))
                    }
                }
            }
            return unpacked
        }
    }

    /// The scales of a matrix, and what of it each belongs to.
    private struct Scales: Sendable {
        let tensor: TensorInfo
        /// Of the matrix, that share a scale.
        let rows: Int
        let columns: Int
        /// Scales side by side.
        let columnCount: Int

        func values(_ folder: SafetensorsFolder) throws -> [Float] {
            let bytes = try folder.bytes(of: tensor, 0..<tensor.byteCount)
            var values: [Float] = []
            try unsafe tensor.dataType.dequantize(bytes.span.bytes, into: &values)
            return values
        }
    }

    private func scales(of weight: TensorInfo) throws(ModelError) -> Scales {
        let names = ["_scale_inv", "_scale"].map { weight.name + $0 }
        guard let tensor = names.lazy.compactMap({ folder.tensor(named: $0) }).first else {
            throw .missingTensor(file: folder.path, name: names[0])
        }
        guard tensor.dataType.isPlainFloat else {
            throw .unsupportedFormat(
                file: folder.path,
                name: tensor.name,
                format: "\(tensor.dataType)",
                supported: ["F32", "F16", "BF16"]
            )
        }
        let (rows, columns) = (weight.shape[0], weight.shape[1])
        if tensor.elementCount == 1 {
            return Scales(tensor: tensor, rows: rows, columns: columns, columnCount: 1)
        }
        if tensor.shape == [rows] || tensor.shape == [rows, 1] {
            return Scales(tensor: tensor, rows: 1, columns: columns, columnCount: 1)
        }
        let (height, width) = (block?.rows ?? rows, block?.columns ?? columns)
        let count = (columns + width - 1) / width
        let expected = [(rows + height - 1) / height, count]
        guard tensor.shape == expected else {
            throw .wrongShape(
                file: folder.path,
                name: tensor.name,
                found: tensor.shape,
                expected: expected
            )
        }
        return Scales(tensor: tensor, rows: height, columns: width, columnCount: count)
    }
}

/// Eight weights in FP8 (E4M3) times a scale, in single precision and then as brain floats, halves
/// to even ones.
@inline(__always)
private func unpack(_ bytes: SIMD8<UInt8>, _ scale: Float) -> SIMD8<UInt16> {
    let codes = SIMD8<UInt32>(truncatingIfNeeded: bytes)
    let magnitude = codes & 0x7F
    // An exponent of four bits, read as one of single precision, is 120 too small.
    var weights = SIMD8<Float>(bits: magnitude &<< 20) * 0x1p120
    weights.replace(with: .nan, where: magnitude .== 0x7F)
    let bits = (weights * scale).bits ^ (codes & 0x80) &<< 24
    let rounded = (bits &+ 0x7FFF &+ (bits &>> 16 & 1)) &>> 16
    return SIMD8<UInt16>(truncatingIfNeeded: rounded)
}
