import Dispatch

/// Lets threads write to memory at the same time, each its own parts of it.
/// - Parameters:
///   - source: what all of them read.
///   - target: what they write; two threads must not write to the same byte, nor read what another
///     writes.
///   - body: called once for each thread, with its number from 0.
package func writeConcurrently(
    threadCount: Int,
    from source: RawSpan,
    to target: inout MutableRawSpan,
    _ body: @Sendable (_ thread: Int, _ source: RawSpan, _ target: inout MutableRawSpan) -> Void
) {
    source.withUnsafeBytes { source in
        target.withUnsafeMutableBytes { target in
            // The caller keeps the threads' bytes apart, and both outlive the call.
            nonisolated(unsafe) let (source, target) = (source, target)
            DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
                var span = MutableRawSpan(_unsafeBytes: target)
                body(thread, RawSpan(_unsafeBytes: source), &span)
            }
        }
    }
}
