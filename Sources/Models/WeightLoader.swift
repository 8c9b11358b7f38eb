public import Checkpoints
import Kernels
public import Vulkan

/// Brings a checkpoint's tensors to the device, and knows in the end which were not asked for.
public final class WeightLoader {
    private let file: GGUFFile
    private let arena: Arena
    private let uploader: Uploader
    private let progress: (Double) -> Void
    private let totalByteCount: Int
    private var loadedByteCount = 0
    private var loaded: Set<String> = []

    /// - Parameter progress: called with the share of bytes read, 0 to 1.
    public init(
        _ file: GGUFFile,
        _ device: Device,
        progress: @escaping (Double) -> Void
    ) throws(VulkanError) {
        self.file = file
        self.progress = progress
        totalByteCount = max(1, file.tensors.reduce(0) { $0 + $1.byteCount })
        arena = Arena(device, use: .device, label: "weights", slabByteCount: 64 << 20)
        uploader = try Uploader(device)
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

    /// A float vector, such as a norm's weights.
    func vector(_ name: String, count: Int) throws -> BufferSlice {
        try upload(values(name, count: count), label: name)
    }

    /// A float vector's values on the host.
    func values(_ name: String, count: Int) throws -> [Float] {
        let tensor = try take(name, shape: [count])
        guard tensor.dataType == .f32 else {
            throw ModelError.unsupportedFormat(
                file: file.path,
                name: name,
                format: "\(tensor.dataType)",
                supported: ["F32"]
            )
        }
        return file.withBytes(of: tensor) { bytes in
            (0..<count).map {
                unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
            }
        }
    }

    /// Copies values to the device.
    func upload(_ values: [Float], label: String) throws(VulkanError) -> BufferSlice {
        let slice = try arena.allocate(byteCount: values.count * 4, label: label)
        try uploader.upload(values, to: slice)
        return slice
    }

    /// A matrix [rows, columns].
    func matrix(_ name: String, rows: Int, columns: Int) throws -> WeightMatrix {
        let parts = try stacked([(name, rows)], columns: columns).parts
        return parts[0].matrix
    }

    /// Matrices with the same columns, their rows stacked in order so that one dispatch multiplies
    /// neighbours of the same format.
    func stacked(_ names: [(name: String, rows: Int)], columns: Int) throws -> StackedMatrix {
        var parts: [StackedMatrix.Part] = []
        var first = 0
        var position = 0
        while position < names.count {
            let format = try self.format(of: names[position].name)
            var planes = RepackedPlanes()
            var rows = 0
            let label = names[position].name
            while position < names.count, try self.format(of: names[position].name) == format {
                let (name, count) = names[position]
                let tensor = try take(name, shape: [count, columns])
                file.withBytes(of: tensor) { planes.append($0, tensor.dataType) }
                rows += count
                position += 1
            }
            let matrix = try upload(planes, format, rows: rows, columns: columns, label: label)
            parts.append(StackedMatrix.Part(matrix: matrix, firstRow: first))
            first += rows
        }
        return StackedMatrix(parts: parts)
    }

    /// Waits until all weights are on the device, and checks that every tensor of the file is.
    func finish() throws {
        try uploader.finish()
        let left = file.tensors.map(\.name).filter { !loaded.contains($0) }
        guard left.isEmpty else {
            throw ModelError.unexpectedTensors(file: file.path, names: left)
        }
    }

    private func format(of name: String) throws -> WeightFormat {
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
        loaded.insert(name)
        loadedByteCount += tensor.byteCount
        progress(Double(loadedByteCount) / Double(totalByteCount))
        return tensor
    }

    private func upload(
        _ planes: RepackedPlanes,
        _ format: WeightFormat,
        rows: Int,
        columns: Int,
        label: String
    ) throws(VulkanError) -> WeightMatrix {
        let quants = try arena.allocate(byteCount: planes.quants.count, label: label)
        try uploader.upload(planes.quants, to: quants)
        var scales: BufferSlice?
        if !planes.scales.isEmpty {
            let slice = try arena.allocate(byteCount: planes.scales.count, label: label)
            try uploader.upload(planes.scales, to: slice)
            scales = slice
        }
        return WeightMatrix(
            format: format,
            rows: rows,
            columns: columns,
            quants: quants,
            scales: scales
        )
    }
}

/// Matrices over the same input whose outputs stand side by side.
public struct StackedMatrix {
    /// Some of the rows, all in one format.
    struct Part {
        let matrix: WeightMatrix
        /// Where its outputs begin.
        let firstRow: Int
    }

    let parts: [Part]
}
