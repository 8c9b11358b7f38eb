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

    /// The rows of a matrix in the file, before its shape is known.
    func rowCount(_ name: String) throws -> Int {
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
        let tensor = try take(name, shape: [count])
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
    package func stacked(
        _ names: [(name: String, rows: Int)],
        columns: Int
    ) throws -> StackedMatrix {
        var parts: [StackedMatrix.Part] = []
        var first = 0
        var rest = names[...]
        while let label = rest.first?.name {
            let format = try format(of: label, columns: columns)
            var tensors: [TensorInfo] = []
            while let next = rest.first, try self.format(of: next.name, columns: columns) == format
            {
                tensors.append(try take(next.name, shape: [next.rows, columns]))
                rest.removeFirst()
            }
            let matrix = try load(tensors, as: format, columns: columns, label: label)
            parts.append(StackedMatrix.Part(matrix: matrix, firstRow: first))
            first += matrix.rows
        }
        return StackedMatrix(parts: parts)
    }

    /// Waits until all weights are on the device, and checks that every tensor of the file is.
    package func finish() throws {
        try stream.uploader.finish()
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

    private func take(_ name: String, shape: [Int]) throws -> TensorInfo {
        guard let tensor = file.tensor(named: name) else {
            throw ModelError.missingTensor(file: file.path, name: name)
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
