import Checkpoints

/// A checkpoint whose matrices are quantised as they are read, a few rows at a time.
///
/// It says the types and sizes that are to come, so that whoever counts memory counts those.
struct QuantizedCheckpoint: ModelCheckpoint {
    let tensors: [TensorInfo]
    let notes: [String]
    private let original: any ModelCheckpoint
    private let derived: [String: DerivedTensor]

    var path: String { original.path }
    var metadata: Metadata { original.metadata }
    var convention: CheckpointConvention { original.convention }
    var normOffset: Float { original.normOffset }

    /// - Throws: `ModelError` where no matrix is in floats.
    init(_ original: any ModelCheckpoint, _ quantization: Quantization) throws(ModelError) {
        self.original = original
        let output = original.tensor(named: "output.weight")
        let embedding = original.tensor(named: "token_embd.weight")
        let routers = original.routers
        let matrices = original.tensors.filter {
            (2...3).contains($0.shape.count) && $0.name.hasSuffix(".weight")
                && !routers.contains($0.name) && $0.elementCount > 0
        }
        var derived: [String: DerivedTensor] = [:]
        for matrix in matrices where matrix.dataType.isPlainFloat {
            let type = quantization.type(
                columns: matrix.shape[matrix.shape.count - 1],
                isOutput: matrix.name == (output ?? embedding)?.name
            )
            guard let type else { continue }
            derived[matrix.name] = DerivedTensor(matrix, of: original, as: type)
        }
        guard !derived.isEmpty else {
            throw .nothingToQuantize(
                file: original.path,
                types: Set(matrices.map(\.dataType)).map(\.description).sorted()
            )
        }
        self.derived = derived
        tensors = original.tensors.map { derived[$0.name]?.info ?? $0 }
        notes = original.notes + [Self.note(from: matrices, derived)]
    }

    /// What becomes of the matrices, in a sentence.
    private static func note(
        from matrices: [TensorInfo],
        _ derived: [String: DerivedTensor]
    ) -> String {
        let types = Dictionary(grouping: derived.values, by: \.info.dataType)
        let made = types.sorted { $0.value.count > $1.value.count }
            .map { "\($0.value.count) to \($0.key)" }
        let (before, after) = (
            matrices.reduce(0) { $0 + $1.byteCount },
            matrices.reduce(0) { $0 + (derived[$1.name]?.info ?? $1).byteCount }
        )
        let kept = Dictionary(grouping: matrices.filter { derived[$0.name] == nil }, by: \.dataType)
            .map { "\($0.value.count) in \($0.key)" }.sorted()
        return "Quantising matrices as they are loaded: \(made.joined(separator: ", ")), from "
            + "\(before >> 20) to \(after >> 20) MiB"
            + (kept.isEmpty ? "" : "; \(kept.joined(separator: ", ")) stay as they are") + "."
    }

    func tensor(named name: String) -> TensorInfo? {
        original.tensor(named: name).map { derived[$0.name]?.info ?? $0 }
    }

    func withBytes<R>(of tensor: TensorInfo, _ body: (RawSpan) throws -> R) rethrows -> R {
        guard let derived = derived[tensor.name] else {
            return try original.withBytes(of: tensor, body)
        }
        return try unsafe body(derived.bytes().span.bytes)
    }

    func read(
        _ tensor: TensorInfo,
        _ range: Range<Int>,
        into bytes: inout MutableRawSpan,
        at offset: Int
    ) throws {
        guard let derived = derived[tensor.name] else {
            return try original.read(tensor, range, into: &bytes, at: offset)
        }
        try derived.read(range, into: &bytes, at: offset)
    }
}

extension ModelCheckpoint {
    /// The names of the matrices by which mixtures choose experts.
    fileprivate var routers: Set<String> {
        guard let architecture = try? metadata.string("general.architecture"),
            let layers = try? metadata.optionalInteger("\(architecture).block_count"),
            (1...4096).contains(layers)
        else { return [] }
        return Set((0..<layers).compactMap { tensor(named: "blk.\($0).ffn_gate_inp.weight")?.name })
    }
}

extension DerivedTensor {
    /// A matrix of plain floats quantised to `type`, which has rows of its length.
    fileprivate init(_ matrix: TensorInfo, of checkpoint: any ModelCheckpoint, as type: DataType) {
        let columns = matrix.shape[matrix.shape.count - 1]
        let size = matrix.dataType.byteCount(of: columns)
        self.init(
            info: TensorInfo(
                name: matrix.name,
                shape: matrix.shape,
                dataType: type,
                fileOffset: matrix.fileOffset
            ),
            rowCount: matrix.elementCount / columns,
            sources: [matrix.name]
        ) { rows in
            let source = try checkpoint.bytes(
                of: matrix,
                rows.lowerBound * size..<rows.upperBound * size
            )
            let rowByteCount = type.byteCount(of: columns)
            var quantised = [UInt8](repeating: 0, count: rows.count * rowByteCount)
            var span = quantised.mutableSpan
            var target = unsafe span.mutableBytes
            var values: [Float] = []
            for row in 0..<rows.count {
                let bytes = unsafe source.span.bytes.extracting(row * size..<(row + 1) * size)
                matrix.dataType.widen(bytes, into: &values)
                unsafe type.quantize(values.span.bytes, into: &target, at: row * rowByteCount)
            }
            return quantised
        }
    }
}

extension Checkpoint {
    /// A range of a tensor's bytes.
    func bytes(of tensor: TensorInfo, _ range: Range<Int>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var span = bytes.mutableSpan
        var target = unsafe span.mutableBytes
        try read(tensor, range, into: &target, at: 0)
        return bytes
    }
}
