import Dispatch
import Foundation
package import Kernels

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
        unsafe bytes.withUnsafeBytes { source in
            unsafe storage.withUnsafeMutableBytes { target in
                // Threads read and write rows, and parts of planes, of their own.
                nonisolated(unsafe) let (source, target) = unsafe (source, target)
                DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
                    var repacking = self
                    var span = unsafe MutableRawSpan(_unsafeBytes: target)
                    let end = units * (thread + 1) / threadCount
                    for unit in stride(from: units * thread / threadCount, to: end, by: stripeUnits)
                    {
                        let first = unit * rowGranularity
                        let last = min(unit + stripeUnits, end) * rowGranularity
                        let stripe = first..<min(last, rows)
                        repacking.repack(
                            stripe,
                            of: unsafe RawSpan(_unsafeBytes: source),
                            into: &span,
                            planes: planes
                        )
                    }
                }
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
