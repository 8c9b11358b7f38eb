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

    /// The matrix on the device, as a family's kernels read it.
    @TestDevice
    func upload(_ bench: Workbench, for family: KernelFamily) throws -> WeightMatrix {
        let layout = family.weightLayout
        return WeightMatrix(
            format: format,
            layout: layout,
            rows: rows,
            columns: columns,
            quants: try bench.input(
                layout == .rows
                    ? quants : format.interleavedQuants(quants, rows: rows, columns: columns),
                "quants"
            ),
            scales: scales.isEmpty
                ? nil : try bench.input(layout == .rows ? scales : interleavedScales, "scales")
        )
    }

    /// A block's scales stay together when blocks are interleaved.
    private var interleavedScales: [UInt16] {
        guard format.scaleByteCount == 4 else {
            return format.interleavedScales(scales, rows: rows, columns: columns)
        }
        let pairs = stride(from: 0, to: scales.count, by: 2).map {
            UInt32(scales[$0]) | UInt32(scales[$0 + 1]) << 16
        }
        return format.interleavedScales(pairs, rows: rows, columns: columns).flatMap {
            [UInt16(truncatingIfNeeded: $0), UInt16($0 >> 16)]
        }
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
