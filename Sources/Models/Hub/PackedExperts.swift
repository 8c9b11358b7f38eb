import Checkpoints

/// The experts of gpt-oss folders: gate and up in turn, transposed, or packed in MXFP4 in an order
/// of their own. Here they are as GGUF files have them.
struct PackedExperts {
    private let folder: SafetensorsFolder
    private let prefix: String

    /// - Parameter prefix: what the names of the language model begin with.
    init(_ folder: SafetensorsFolder, prefix: String) {
        self.folder = folder
        self.prefix = prefix
    }

    /// Where a tensor of GGUF's is in the folder's.
    private static let places = [
        (name: "ffn_gate_exps", source: "gate_up_proj", stride: 2, offset: 0),
        (name: "ffn_up_exps", source: "gate_up_proj", stride: 2, offset: 1),
        (name: "ffn_down_exps", source: "down_proj", stride: 1, offset: 0),
    ]

    /// All there are, of `layerCount` layers.
    /// - Throws: `ModelError` for shapes that do not fit each other.
    func tensors(layerCount: Int) throws(ModelError) -> [DerivedTensor] {
        var all: [DerivedTensor] = []
        for layer in 0..<layerCount {
            for place in Self.places {
                let source = "\(prefix)layers.\(layer).mlp.experts.\(place.source)"
                let name = "blk.\(layer).\(place.name)"
                let (stride, offset) = (place.stride, place.offset)
                if let blocks = folder.tensor(named: source + "_blocks"),
                    let scales = folder.tensor(named: source + "_scales")
                {
                    all.append(try packed(name, blocks, scales, stride, offset))
                } else if let matrix = folder.tensor(named: source) {
                    all.append(try transposed(name, matrix, stride, offset))
                }
                if let bias = folder.tensor(named: source + "_bias") {
                    all.append(try self.bias(name, bias, stride, offset))
                }
            }
        }
        return all
    }

    private func check(_ tensor: TensorInfo, rank: Int, stride: Int) throws(ModelError) {
        let outputs = rank == 4 ? 1 : rank - 1
        guard tensor.shape.count == rank, tensor.elementCount > 0,
            tensor.shape[outputs] % stride == 0
        else {
            throw .badConfiguration(
                file: folder.path,
                detail: "`\(tensor.name)` has the shape \(tensor.shape)"
            )
        }
    }

    /// MXFP4: [experts, rows, blocks, 16] bytes of two neighbours, and a scale for each block.
    private func packed(
        _ name: String,
        _ blocks: TensorInfo,
        _ scales: TensorInfo,
        _ stride: Int,
        _ offset: Int
    ) throws(ModelError) -> DerivedTensor {
        try check(blocks, rank: 4, stride: stride)
        guard blocks.dataType == .u8, scales.dataType == .u8, blocks.shape[3] == 16,
            scales.shape == Array(blocks.shape.prefix(3))
        else {
            throw .badConfiguration(
                file: folder.path,
                detail: "`\(blocks.name)` \(blocks.shape) and its scales \(scales.shape) are no "
                    + "MXFP4"
            )
        }
        let (experts, rows, count) = (blocks.shape[0], blocks.shape[1] / stride, blocks.shape[2])
        let info = TensorInfo(
            name: name + ".weight",
            shape: [experts, rows, 32 * count],
            dataType: .mxfp4,
            fileOffset: 0
        )
        return .byRow(
            info,
            rowCount: experts * rows,
            sources: [blocks.name, scales.name]
        ) { [folder] row in
            let first = (row * stride + offset) * count
            return folder.withBytes(of: blocks) { quads in
                folder.withBytes(of: scales) { exponents in
                    var bytes: [UInt8] = []
                    bytes.reserveCapacity(17 * count)
                    for block in first..<first + count {
                        bytes.append(exponents.byte(at: block))
                        // Weights n and n + 16 share a byte, where the folder has 2n and 2n + 1.
                        for n in 0..<16 {
                            let shift = UInt8(n % 2 * 4)
                            let low = quads.byte(at: 16 * block + n / 2) >> shift & 15
                            let high = quads.byte(at: 16 * block + 8 + n / 2) >> shift
                            bytes.append(low | high << 4)
                        }
                    }
                    return bytes
                }
            }
        }
    }

    /// [experts, columns, rows] of plain numbers.
    private func transposed(
        _ name: String,
        _ matrix: TensorInfo,
        _ stride: Int,
        _ offset: Int
    ) throws(ModelError) -> DerivedTensor {
        try check(matrix, rank: 3, stride: stride)
        let (experts, columns, width) = (matrix.shape[0], matrix.shape[1], matrix.shape[2])
        let rows = width / stride
        return gathered(
            TensorInfo(
                name: name + ".weight",
                shape: [experts, rows, columns],
                dataType: matrix.dataType,
                fileOffset: 0
            ),
            rowCount: experts * rows,
            of: matrix
        ) { row in
            let (expert, place) = row.quotientAndRemainder(dividingBy: rows)
            return (0..<columns).lazy.map {
                (expert * columns + $0) * width + place * stride + offset
            }
        }
    }

    /// [experts, rows] of plain numbers.
    private func bias(
        _ name: String,
        _ bias: TensorInfo,
        _ stride: Int,
        _ offset: Int
    ) throws(ModelError) -> DerivedTensor {
        try check(bias, rank: 2, stride: stride)
        let (experts, width) = (bias.shape[0], bias.shape[1])
        return gathered(
            TensorInfo(
                name: name + ".bias",
                shape: [experts, width / stride],
                dataType: bias.dataType,
                fileOffset: 0
            ),
            rowCount: experts,
            of: bias
        ) { row in
            (0..<width / stride).lazy.map { row * width + $0 * stride + offset }
        }
    }

    /// Rows of elements from anywhere in a tensor whose elements are bytes of their own.
    private func gathered<Places: Sequence<Int>>(
        _ info: TensorInfo,
        rowCount: Int,
        of source: TensorInfo,
        _ places: @escaping @Sendable (Int) -> Places
    ) -> DerivedTensor {
        let size = source.dataType.blockByteCount
        return .byRow(info, rowCount: rowCount, sources: [source.name]) {
            [folder] row in
            folder.withBytes(of: source) { bytes in
                var gathered: [UInt8] = []
                for place in places(row) {
                    for part in 0..<size { gathered.append(bytes.byte(at: place * size + part)) }
                }
                return gathered
            }
        }
    }
}
