import Kernels
import Models
import Testing

/// Rows repacked by all cores, stripe by stripe, and by one.
@Suite struct RowRepackingTests {
    /// One stripe, part of a band, and many stripes for every core.
    @Test(arguments: WeightFormat.allCases, [1, 45, 400])
    func allCoresWriteWhatOneWrites(_ format: WeightFormat, _ rows: Int) {
        let columns = 3 * max(format.columnGranularity, 256)
        for family in KernelFamily.allCases {
            let layout = family.weightLayout
            var generator = SeededGenerator("\(format), \(rows) rows for \(family)")
            let weights = TestWeights(format, rows: rows, columns: columns, &generator)
            let planes = format.planes(layout, rows: rows, columns: columns)
            let expected = weights.storage(layout)
            var storage = [UInt32](repeating: 0, count: expected.count)
            var span = storage.mutableSpan
            var target = span.mutableBytes
            RowRepacking(format.dataType, columns: columns, layout)
                .repackInParallel(weights.bytes.span.bytes, into: &target, planes: planes)
            #expect(storage == expected, "\(family)")
        }
    }
}
