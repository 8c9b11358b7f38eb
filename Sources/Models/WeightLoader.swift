import Checkpoints
public import Kernels
public import Vulkan

/// Brings a checkpoint's tensors to the device, and knows in the end which were not asked for.
public final class WeightLoader {
    private let file: any ModelCheckpoint
    private let layout: WeightLayout
    private let arena: Arena
    private let stream: WeightStream
    private var loaded: Set<String> = []

    /// - Parameters:
    ///   - layout: how matrices are to stand on the device.
    ///   - stagesAlways: see `Uploader`; for tests.
    ///   - progress: called with the share of bytes read, 0 to 1.
    public init(
        _ file: any ModelCheckpoint,
        _ device: Device,
        layout: WeightLayout,
        stagesAlways: Bool = false,
        progress: @escaping (Double) -> Void
    ) throws(VulkanError) {
        self.file = file
        self.layout = layout
        arena = Arena(device, use: .device, label: "weights", slabByteCount: 64 << 20)
        stream = WeightStream(
            file,
            try Uploader(device, stagesAlways: stagesAlways),
            progress: progress
        )
    }

    /// Whether the file has a tensor of that name.
    func has(_ name: String) -> Bool { file.tensor(named: name) != nil }

    /// The rows of a matrix in a file, before its shape is known.
    static func rowCount(_ name: String, of file: any ModelCheckpoint) throws -> Int {
        guard let tensor = file.tensor(named: name), tensor.shape.count == 2 else {
            throw ModelError.missingTensor(file: file.path, name: name)
        }
        return tensor.shape[0]
    }

    /// Whose conventions the tensors follow.
    var convention: CheckpointConvention { file.convention }

    /// A norm's weights.
    func norm(_ name: String, count: Int) throws -> BufferSlice {
        try upload(values(name, count: count).map { $0 + file.normOffset }, label: name)
    }

    /// Float vectors one after the other, such as biases of stacked matrices.
    func vector(_ names: [(name: String, count: Int)]) throws -> BufferSlice {
        try upload(
            names.flatMap { try values($0.name, count: $0.count) },
            label: names[0].name
        )
    }

    /// A float vector, such as a head's sinks.
    package func vector(_ name: String, count: Int) throws -> BufferSlice {
        try upload(values(name, count: count), label: name)
    }

    /// A float vector's values on the host.
    func values(_ name: String, count: Int) throws -> [Float] {
        try values(name, shape: [count])
    }

    private func values(_ name: String, shape: [Int]) throws -> [Float] {
        let tensor = try take(name, shape: shape)
        let supported: [DataType] = [.f32, .f16, .bf16]
        guard supported.contains(tensor.dataType) else {
            throw ModelError.unsupportedFormat(
                file: file.path,
                name: tensor.name,
                format: "\(tensor.dataType)",
                supported: supported.map(\.description)
            )
        }
        return try stream.floats(of: tensor)
    }

    /// Copies values to the device.
    func upload(_ values: [Float], label: String) throws(VulkanError) -> BufferSlice {
        let slice = try arena.allocate(byteCount: values.count * 4, label: label)
        try stream.uploader.upload(values, to: slice)
        return slice
    }

    /// A matrix [rows, columns].
    package func matrix(_ name: String, rows: Int, columns: Int) throws -> WeightMatrix {
        let parts = try stacked([(name, rows)], columns: columns).parts
        return parts[0].matrix
    }

    /// Matrices with the same columns, their rows stacked in order so that one dispatch multiplies
    /// neighbours of the same format.
    /// - Parameter experts: into how many a tensor's rows may be divided.
    package func stacked(
        _ names: [(name: String, rows: Int)],
        columns: Int,
        experts: Int? = nil
    ) throws -> StackedMatrix {
        var parts: [StackedMatrix.Part] = []
        var first = 0
        var rest = names[...]
        while let label = rest.first?.name {
            let format = try format(of: label, columns: columns)
            var tensors: [TensorInfo] = []
            while let next = rest.first, try self.format(of: next.name, columns: columns) == format
            {
                let shape = [next.rows, columns]
                tensors.append(try take(next.name, shape: shape, experts: experts))
                rest.removeFirst()
            }
            let matrix = try load(tensors, as: format, columns: columns, label: label)
            parts.append(StackedMatrix.Part(matrix: matrix, firstRow: first))
            first += matrix.rows
        }
        return StackedMatrix(parts: parts)
    }

    /// The matrices of all experts below each other: each of `parts`, [rows, columns] of an expert,
    /// for all experts before the next.
    func experts(
        _ parts: [(name: String, rows: Int)],
        count: Int,
        columns: Int
    ) throws -> WeightMatrix {
        let names = parts.flatMap { part in
            has("\(part.name)_exps.weight")
                ? [("\(part.name)_exps.weight", count * part.rows)]
                : (0..<count).map { ("\(part.name).\($0).weight", part.rows) }
        }
        let stack = try stacked(names, columns: columns, experts: count)
        guard let matrix = stack.parts.first?.matrix, stack.parts.count == 1 else {
            throw ModelError.badConfiguration(
                file: file.path,
                detail: "the experts of `\(names[0].0)` and those beside them are in different "
                    + "formats, which is not supported"
            )
        }
        return matrix
    }

    /// The biases that belong to the rows of `experts`.
    func expertBiases(_ parts: [(name: String, rows: Int)], count: Int) throws -> BufferSlice {
        try upload(
            parts.flatMap { try values("\($0.name)_exps.bias", shape: [count, $0.rows]) },
            label: parts[0].name
        )
    }

    /// Waits until all weights are on the device, and checks that every tensor of the file is.
    package func finish() throws { try Self.finish([self]) }

    /// The same for loaders of one file, each of which brought a part of it to its device.
    static func finish(_ loaders: [WeightLoader]) throws {
        for loader in loaders { try loader.stream.uploader.finish() }
        let file = loaders[0].file
        let loaded = loaders.reduce(into: Set<String>()) { $0.formUnion($1.loaded) }
        let left = file.tensors.map(\.name).filter { !loaded.contains($0) }
        guard left.isEmpty else {
            throw ModelError.unexpectedTensors(file: file.path, names: left)
        }
    }

    private func format(of name: String, columns: Int) throws -> WeightFormat {
        guard let tensor = file.tensor(named: name) else {
            throw ModelError.missingTensor(file: file.path, name: name)
        }
        guard let format = tensor.dataType.weightFormat else {
            throw ModelError.unsupportedFormat(
                file: file.path,
                name: name,
                format: "\(tensor.dataType)",
                supported: DataType.supportedSpellings
            )
        }
        guard columns % format.columnGranularity == 0 else {
            throw ModelError.badConfiguration(
                file: file.path,
                detail: "`\(name)` has rows of \(columns) weights in \(tensor.dataType), not a "
                    + "multiple of \(format.columnGranularity)"
            )
        }
        return format
    }

    private func take(
        _ name: String,
        shape: [Int],
        experts: Int? = nil
    ) throws -> TensorInfo {
        guard var tensor = file.tensor(named: name) else {
            throw ModelError.missingTensor(file: file.path, name: name)
        }
        if let experts, tensor.shape == [experts, shape[0] / experts, shape[1]] {
            tensor = TensorInfo(
                name: tensor.name,
                shape: shape,
                dataType: tensor.dataType,
                fileOffset: tensor.fileOffset
            )
        }
        guard tensor.shape == shape else {
            throw ModelError.wrongShape(
                file: file.path,
                name: name,
                found: tensor.shape,
                expected: shape
            )
        }
        loaded.insert(tensor.name)
        return tensor
    }

    private func load(
        _ tensors: [TensorInfo],
        as format: WeightFormat,
        columns: Int,
        label: String
    ) throws -> WeightMatrix {
        let rows = tensors.reduce(0) { $0 + $1.shape[0] }
        let repacking = RowRepacking(tensors[0].dataType, columns: columns, layout)
        guard repacking.rowGranularity * repacking.rowByteCount <= WeightStream.maxByteCount else {
            throw ModelError.badConfiguration(
                file: file.path,
                detail: "`\(label)` has rows of \(columns) weights, more than can be loaded"
            )
        }
        let planes = format.planes(layout, rows: rows, columns: columns)
        let storage = try arena.allocate(byteCount: planes.byteCount, label: label)
        try stream.load(tensors, repacking, into: storage, planes)
        return WeightMatrix(
            format: format,
            layout: layout,
            rows: rows,
            columns: columns,
            storage: storage
        )
    }
}
