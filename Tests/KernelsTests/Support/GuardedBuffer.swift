import Kernels
import Testing
import Vulkan

/// Memory for a kernel's output, between words that must survive.
///
/// Device addresses have no bounds checks: a kernel that writes past its output is found here. What
/// the kernel leaves alone reads as "not a number", so that it cannot pass for a result.
@TestDevice
struct GuardedBuffer {
    /// As many bytes as two vectors of every lane of a subgroup.
    private static let guardWordCount = 1024
    private static let guardWord: UInt32 = 0xFFC0_BEEF

    /// The output.
    let slice: BufferSlice
    private let buffer: Buffer
    private let wordCount: Int

    /// Room for `wordCount` words.
    init(_ bench: Workbench, wordCount: Int, label: String) throws {
        let total = wordCount + 2 * Self.guardWordCount
        buffer = try Buffer(bench.device, byteCount: 4 * total, use: .readback, label: label)
        slice = buffer.whole.slice(at: 4 * Self.guardWordCount, byteCount: 4 * wordCount)
        self.wordCount = wordCount
        buffer.whole.write([UInt32](repeating: Self.guardWord, count: buffer.byteCount / 4))
    }

    /// The first `count` words, once it is certain that nothing was written outside of them.
    func words(
        _ count: Int,
        _ context: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> [UInt32] {
        let all = buffer.whole.read(UInt32.self, count: buffer.byteCount / 4)
        let first = Self.guardWordCount
        let before = all[..<first].firstIndex { $0 != Self.guardWord }
        #expect(
            before == nil,
            "\(context): written \(first - (before ?? 0)) words before the output",
            sourceLocation: sourceLocation
        )
        let after = all[(first + count)...].firstIndex { $0 != Self.guardWord }
        #expect(
            after == nil,
            "\(context): written \((after ?? 0) - first - count) words past the output",
            sourceLocation: sourceLocation
        )
        return Array(all[first..<first + count])
    }

    /// The same words as floats.
    func floats(
        _ count: Int,
        _ context: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> [Float] {
        words(count, context, sourceLocation: sourceLocation).map { Float(bitPattern: $0) }
    }
}

/// A matrix for a kernel's output; rows past those in use are guards too.
@TestDevice
struct GuardedMatrix {
    let matrix: ActivationMatrix
    private let buffer: GuardedBuffer

    init(_ bench: Workbench, rows: Int, columns: Int, label: String) throws {
        let granularity = ActivationMatrix.rowGranularity
        let capacity = (rows + granularity - 1) / granularity * granularity
        buffer = try GuardedBuffer(bench, wordCount: capacity * columns, label: label)
        matrix = ActivationMatrix(buffer.slice, rowCapacity: capacity, columns: columns)
    }

    /// Puts values into the leading rows.
    func write(_ values: [Float]) {
        buffer.slice.write(values)
    }

    /// The first `rows` rows, once it is certain that nothing was written outside of them.
    func values(
        rows: Int,
        _ context: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> [Float] {
        buffer.floats(rows * matrix.columns, context, sourceLocation: sourceLocation)
    }
}
