import Synchronization
import UnixSignals

/// Ctrl-C, which stops what is under way and not the program.
final class Interrupts: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    /// Takes over SIGINT for the rest of the process.
    init() {
        Task { [self] in
            for await _ in await UnixSignalsSequence(trapping: .sigint) {
                guard let action = action.withLock({ $0 }) else {
                    Terminal.note("\nCtrl-D or /exit ends the conversation.\n> ")
                    continue
                }
                action()
            }
        }
    }

    /// What the next interrupts do; with nil they only say how to end.
    func onInterrupt(_ action: (@Sendable () -> Void)?) { self.action.withLock { $0 = action } }
}
