import Foundation
package import Kernels
import Vulkan

extension RowRepacking {
    /// The bytes that a thread repacks at once, about: what a core's cache has room for.
    private static let stripeByteCount = 32 << 10

    /// Repacks as `repack` does, on all cores, stripe by stripe.
    package func repackInParallel(
        _ bytes: RawSpan,
        into storage: inout MutableRawSpan,
        planes: WeightPlaneRanges
    ) {
        let rows = bytes.byteCount / rowByteCount
        let units = (rows + rowGranularity - 1) / rowGranularity
        let stripeUnits = max(Self.stripeByteCount / (rowGranularity * rowByteCount), 1)
        let threadCount = min(
            (units + stripeUnits - 1) / stripeUnits,
            ProcessInfo.processInfo.activeProcessorCount
        )
        // Stripes are of rows of their own, and so are their parts of the planes.
        writeConcurrently(threadCount: threadCount, from: bytes, to: &storage) {
            thread,
            bytes,
            storage in
            var repacking = self
            let end = units * (thread + 1) / threadCount
            for unit in stride(from: units * thread / threadCount, to: end, by: stripeUnits) {
                let last = min(unit + stripeUnits, end) * rowGranularity
                repacking.repack(
                    unit * rowGranularity..<min(last, rows),
                    of: bytes,
                    into: &storage,
                    planes: planes
                )
            }
        }
    }

    /// Repacks some of the rows whose planes are `planes`.
    private mutating func repack(
        _ stripe: Range<Int>,
        of bytes: RawSpan,
        into storage: inout MutableRawSpan,
        planes: WeightPlaneRanges
    ) {
        let blocks = columns / WeightFormat.blockSize
        let stored = layout.storedRows(stripe.count)
        repack(
            bytes.extracting(stripe.lowerBound * rowByteCount..<stripe.upperBound * rowByteCount),
            into: &storage,
            planes: format.ranges(
                of: stripe.lowerBound * blocks..<(stripe.lowerBound + stored) * blocks,
                in: planes
            )
        )
    }
}
