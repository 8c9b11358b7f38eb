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
    /// As a checkpoint stores it.
    let bytes: [UInt8]
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
        self.format = format
        self.rows = rows
        self.columns = columns
        self.bytes = bytes
        decoded = format.dataType.decoded(bytes)
    }

    /// The matrix on the device, as a family's kernels read it.
    @TestDevice
    func upload(_ bench: Workbench, for family: KernelFamily) throws -> WeightMatrix {
        let layout = family.weightLayout
        return WeightMatrix(
            format: format,
            layout: layout,
            rows: rows,
            columns: columns,
            storage: try bench.input(storage(layout), "weights")
        )
    }

    /// The memory of the matrix in a layout.
    func storage(_ layout: WeightLayout) -> [UInt32] {
        let planes = format.planes(layout, rows: rows, columns: columns)
        var storage = [UInt32](repeating: 0, count: (planes.byteCount + 3) / 4)
        var span = storage.mutableSpan
        var target = span.mutableBytes
        var repacking = RowRepacking(format.dataType, columns: columns, layout)
        repacking.repack(bytes.span.bytes, into: &target, planes: planes)
        return storage
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

extension DataType {
    /// What the reference in `Checkpoints` makes of a tensor's bytes.
    fileprivate func decoded(_ bytes: [UInt8]) -> [Float] {
        var values: [Float] = []
        do {
            try dequantize(bytes.span.bytes, into: &values)
        } catch {
            preconditionFailure("\(error)")
        }
        return values
    }
}

extension WeightFormat {
    /// All ways of storing weights are among these.
    static let thorough: [WeightFormat] = [.q4_1, .q8_0, .q4_K, .q6_K, .f32]
}

/// A kernel variant: which family, which weights.
struct Variant: Sendable, CustomStringConvertible {
    let family: KernelFamily
    let format: WeightFormat

    var description: String { "\(family.rawValue) \(format.rawValue)" }

    static let all = KernelFamily.tested.flatMap { family in
        WeightFormat.allCases.map { Variant(family: family, format: $0) }
    }

    /// Those that are tested with every shape.
    static let thorough = all.filter { WeightFormat.thorough.contains($0.format) }

    /// The others, of which a few shapes must do: on old CPU drivers a kernel compiles for seconds.
    static let others = all.filter { variant in
        !thorough.contains { $0.format == variant.format }
    }

    /// Those that are tested where the weights' format makes no difference: a common one, the one
    /// with most parts, and plain floats.
    static let few = all.filter { [.q4_1, .q6_K, .f32].contains($0.format) }
}
