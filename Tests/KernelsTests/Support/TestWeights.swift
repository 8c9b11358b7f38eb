import Checkpoints
import Kernels
import Models
import Vulkan

/// A random matrix in one of the device's formats, repacked from a checkpoint's, and what its
/// weights are.
struct TestWeights {
    let format: WeightFormat
    let rows: Int
    let columns: Int
    /// The memory of the matrix.
    let storage: [UInt32]
    /// [rows, columns], decoded from the checkpoint's bytes by the reference in `Checkpoints`.
    let decoded: [Float]

    init(
        _ format: WeightFormat,
        rows: Int,
        columns: Int,
        _ generator: inout SeededGenerator,
        _ contents: BlockContents = .ordinary
    ) {
        let bytes = randomBlocks(
            contents,
            of: format.dataType,
            weightCount: rows * columns,
            &generator
        )
        let planes = format.planes(blockCount: rows * columns / WeightFormat.blockSize)
        var storage = [UInt32](repeating: 0, count: (planes.byteCount + 3) / 4)
        var span = storage.mutableSpan
        var target = span.mutableBytes
        format.dataType.repack(bytes.span.bytes, into: &target, planes: planes)
        var decoded: [Float] = []
        do {
            try format.dataType.dequantize(bytes.span.bytes, into: &decoded)
        } catch {
            preconditionFailure("\(error)")
        }
        self.format = format
        self.rows = rows
        self.columns = columns
        self.storage = storage
        self.decoded = decoded
    }

    /// The matrix on the device.
    @TestDevice
    func upload(_ bench: Workbench) throws -> WeightMatrix {
        WeightMatrix(
            format: format,
            rows: rows,
            columns: columns,
            storage: try bench.input(storage, "weights")
        )
    }
}

extension WeightFormat {
    /// The checkpoints' type that becomes this format.
    var dataType: DataType {
        guard let type = DataType.allCases.first(where: { $0.weightFormat == self }) else {
            preconditionFailure("no type becomes \(self)")
        }
        return type
    }
}

/// A kernel variant: which family, which weights.
struct Variant: Sendable, CustomStringConvertible {
    let family: KernelFamily
    let format: WeightFormat

    var description: String { "\(family.rawValue) \(format.rawValue)" }

    static let all = KernelFamily.allCases.flatMap { family in
        WeightFormat.allCases.map { Variant(family: family, format: $0) }
    }

    /// Those that are tested with every shape: all ways of storing weights are among them.
    static let thorough = all.filter { [.q4_1, .q8_0, .q4_K, .q6_K, .f32].contains($0.format) }
}
