import Synchronization

/// The model that a server will serve: first on its way, then there.
///
/// The server listens before it has a model, so that probes and metrics can tell how far it is.
public final class ModelStartup: Sendable {
    /// What a start does, in this order.
    public enum Phase: String, Sendable, CaseIterable {
        case downloading, loading, warming
    }

    private struct State {
        var model: ServedModel?
        var progress = Progress()
        var phaseBegan = ContinuousClock.now

        /// What the current phase has taken so far.
        var phaseSeconds: Double {
            progress.seconds[progress.phase, default: 0] + (.now - phaseBegan) / .seconds(1)
        }
    }

    /// How far a start is.
    struct Progress: Sendable {
        var phase = Phase.downloading
        /// Of the phase, 0 to 1.
        var share = 0.0
        /// What each phase has taken so far.
        var seconds: [Phase: Double] = [:]

        /// Of any phase: those before the current one are done, those after it have not begun.
        func share(of other: Phase) -> Double {
            let order = Phase.allCases
            guard let index = order.firstIndex(of: other), let now = order.firstIndex(of: phase)
            else { return 0 }
            return index == now ? share : index < now ? 1 : 0
        }
    }

    private let state: Mutex<State>

    /// A model that comes later.
    public init() {
        state = Mutex(State())
    }

    /// A model that is there.
    public init(_ model: ServedModel) {
        state = Mutex(State(model: model, progress: Progress(phase: .warming, share: 1)))
    }

    /// Tells how far the start is. Phases go forward only.
    /// - Parameter share: of the phase, 0 to 1.
    public func report(_ phase: Phase, _ share: Double) {
        state.withLock { state in
            if phase != state.progress.phase { Self.endPhase(of: &state, next: phase) }
            state.progress.share = min(1, max(0, share))
        }
    }

    /// The model is there, and is served from now on.
    public func finish(_ model: ServedModel) {
        state.withLock { state in
            Self.endPhase(of: &state, next: .warming)
            state.progress.share = 1
            state.model = model
        }
    }

    /// The model, once it is there.
    public var model: ServedModel? { state.withLock { $0.model } }

    var progress: Progress {
        state.withLock { state in
            var progress = state.progress
            if state.model == nil { progress.seconds[progress.phase] = state.phaseSeconds }
            return progress
        }
    }

    private static func endPhase(of state: inout State, next: Phase) {
        state.progress.seconds[state.progress.phase] = state.phaseSeconds
        state.progress.phase = next
        state.phaseBegan = .now
    }
}
