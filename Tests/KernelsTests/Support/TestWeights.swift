import Kernels
import Vulkan

/// A random matrix in one of the device's formats, and what its weights are.
struct TestWeights {
    let format: WeightFormat
    let rows: Int
    let columns: Int
    let quants: [UInt32]
    let scales: [UInt16]
    /// [rows, columns], decoded by the reference.
    let decoded: [Float]

    init(_ format: WeightFormat, rows: Int, columns: Int, _ generator: inout SeededGenerator) {
        let blockCount = rows * columns / WeightFormat.blockSize
        let words = blockCount * format.quantByteCount / 4
        switch format {
        case .q4_1, .q8_0:
            quants = generator.words(words)
        case .f16:
            quants = (0..<words).map { _ in
                UInt32(Float16(generator.float()).bitPattern)
                    | UInt32(Float16(generator.float()).bitPattern) << 16
            }
        case .bf16:
            quants = (0..<words).map { _ in
                generator.float().bitPattern >> 16 | generator.float().bitPattern & 0xFFFF_0000
            }
        case .f32:
            quants = (0..<words).map { _ in generator.float().bitPattern }
        }
        scales = (0..<blockCount * format.scaleByteCount / 2).map { _ in
            Float16(generator.float() / 16).bitPattern
        }
        self.format = format
        self.rows = rows
        self.columns = columns
        decoded = decodeReference(format, quants: quants, scales: scales)
    }

    /// The matrix on the device.
    @TestDevice
    func upload(_ bench: Workbench) throws -> WeightMatrix {
        WeightMatrix(
            format: format,
            rows: rows,
            columns: columns,
            quants: try bench.input(quants, "quants"),
            scales: scales.isEmpty ? nil : try bench.input(scales, "scales")
        )
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
}
