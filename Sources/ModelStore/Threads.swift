import Foundation

/// Runs `body` on a thread of its own, because it waits for the network or the disk: on Swift's
/// shared pool it would keep others from running.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try body() }) }.start()
    }
}

/// A task that calls `body` every `seconds` until it is cancelled.
package func ticking(every seconds: Double, _ body: @escaping @Sendable () -> Void) -> Task<
    Void, Never
> {
    Task {
        while (try? await Task.sleep(for: .seconds(seconds))) != nil { body() }
    }
}
