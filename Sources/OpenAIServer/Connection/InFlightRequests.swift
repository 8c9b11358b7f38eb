import HTTPTypes
import Synchronization

/// The requests being answered: a shutdown waits for them and, when its patience ends, ends them.
final class InFlightRequests: Sendable {
    private struct State {
        var isDraining = false
        var isInterrupted = false
        var nextID = 0
        var interrupts: [Int: @Sendable () -> Void] = [:]
        var count = 0
        var emptied: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    /// Requests being answered now.
    var count: Int { state.withLock { $0.count } }

    /// Whether new requests are turned away.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Takes a request in. It counts until the ticket is released.
    /// - Throws: `OpenAIError` (503) while draining.
    func enter() throws(OpenAIError) -> Ticket {
        let id = state.withLock { state -> Int? in
            guard !state.isDraining else { return nil }
            state.count += 1
            state.nextID += 1
            return state.nextID
        }
        guard let id else { throw .shuttingDown }
        return Ticket(id: id, requests: self)
    }

    /// Turns new requests away from now on.
    /// - Returns: whether they were taken before.
    @discardableResult
    func drain() -> Bool {
        state.withLock { state in
            defer { state.isDraining = true }
            return !state.isDraining
        }
    }

    /// Ends when no request is in flight.
    private func emptied() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let isEmpty = state.withLock { state in
            if state.count > 0 { state.emptied.append(continuation) }
            return state.count == 0
        }
        if isEmpty { continuation.finish() }
        return stream
    }

    /// Returns when none is in flight, or when `timeout` has passed.
    func waitUntilEmpty(atMost timeout: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in self.emptied() {} }
            group.addTask { try? await Task.sleep(for: timeout) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Tells every request in flight to end now.
    func interrupt() {
        let interrupts = state.withLock { state in
            state.isInterrupted = true
            return Array(state.interrupts.values)
        }
        for interrupt in interrupts { interrupt() }
    }

    private func leave(_ id: Int) {
        let emptied = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            state.interrupts[id] = nil
            state.count -= 1
            guard state.count == 0 else { return [] }
            defer { state.emptied = [] }
            return state.emptied
        }
        for continuation in emptied { continuation.finish() }
    }

    /// A request's place among those in flight, given up when released. A class, so that a response
    /// body that is dropped unwritten gives it up too.
    final class Ticket: Sendable {
        private let id: Int
        private let requests: InFlightRequests

        fileprivate init(id: Int, requests: InFlightRequests) {
            self.id = id
            self.requests = requests
        }

        /// `action` runs when a shutdown has waited long enough, which may be now. There is one; a
        /// later one replaces it.
        func onInterrupt(_ action: @escaping @Sendable () -> Void) {
            let isLate = requests.state.withLock { state in
                state.interrupts[id] = action
                return state.isInterrupted
            }
            if isLate { action() }
        }

        deinit { requests.leave(id) }
    }
}

extension OpenAIError {
    /// The server takes no more requests.
    static let shuttingDown = OpenAIError(
        .serviceUnavailable,
        retryAfter: 1,
        "The server is shutting down. Please try again on a different instance."
    )
}
