import Dispatch
import Synchronization

/// Names a request between its caller and the engine thread.
typealias Ticket = UInt64

/// What callers ask of the engine thread.
enum EngineCommand: Sendable {
    case generate(Submitted)
    case abort(Ticket)
    /// The reader has enough of one choice of the request.
    case endChoice(Ticket, Int)
    /// What a choice of a constrained request may go on with.
    case allow(Ticket, AllowedTokens)
    /// Load or unload an adapter.
    case adapter(AdapterOrder)
    /// Take no more work; end when what runs is done, or at once if not `finishing`.
    case stop(finishing: Bool)
}

/// An admitted request on its way to the engine thread.
struct Submitted: Sendable {
    let ticket: Ticket
    let request: GenerationRequest
    let events: AsyncStream<GenerationEvent>.Continuation
    let arrival: ContinuousClock.Instant
}

/// The only object that callers and the engine thread share: commands, and what admission must
/// know.
///
/// Posting never waits. The engine thread empties it once per step, and sleeps on it when idle.
final class Mailbox: Sendable {
    private struct Contents {
        var commands: [EngineCommand] = []
        var admission = Admission()
    }

    private let contents: Mutex<Contents>
    private let wakeUp = DispatchSemaphore(value: 0)

    init(limits: AdmissionLimits) {
        contents = Mutex(Contents(admission: Admission(limits: limits)))
    }

    /// Puts a command in the box.
    func post(_ command: EngineCommand) {
        contents.withLock { $0.commands.append(command) }
        wakeUp.signal()
    }

    /// Puts a request in the box, if there is room in the queue.
    /// - Throws: `AdmissionError`; the box is then as before.
    func submit(_ submitted: Submitted) throws(AdmissionError) {
        let refusal = contents.withLock { contents -> AdmissionError? in
            do throws(AdmissionError) {
                try contents.admission.admit(
                    promptTokenCount: submitted.request.promptTokens.count
                )
            } catch {
                return error
            }
            contents.commands.append(.generate(submitted))
            return nil
        }
        if let refusal { throw refusal }
        wakeUp.signal()
    }

    /// Puts a change of adapters in the box, or answers it if the engine takes none: whoever waits
    /// for the answer must get one.
    func order(_ order: AdapterOrder) {
        let refusal = contents.withLock { contents -> EngineState? in
            guard case .ready = contents.admission.state else { return contents.admission.state }
            contents.commands.append(.adapter(order))
            return nil
        }
        if let refusal {
            order.done(.failure(.unavailable(refusal)))
        } else {
            wakeUp.signal()
        }
    }

    /// Takes all commands out, in order.
    /// - Parameters:
    ///   - waiting: sleeps until there is one.
    ///   - time: the longest sleep, after which it may return none.
    func drain(waiting: Bool, atMost time: Duration? = nil) -> [EngineCommand] {
        if waiting {
            let limit = time.map { DispatchTime.now() + $0.seconds }
            if wakeUp.wait(timeout: limit ?? .distantFuture) == .timedOut { return [] }
        }
        while true {
            let commands = contents.withLock { contents in
                defer { contents.commands.removeAll(keepingCapacity: true) }
                for case .generate(let submitted) in contents.commands {
                    contents.admission.arrived(
                        promptTokenCount: submitted.request.promptTokens.count
                    )
                }
                return contents.commands
            }
            // A wake-up may belong to a command that an earlier call took along.
            guard waiting && time == nil && commands.isEmpty else { return commands }
            wakeUp.wait()
        }
    }

    /// Changes what admission knows.
    func updateAdmission(_ body: (inout sending Admission) -> Void) {
        contents.withLock { body(&$0.admission) }
    }

    /// What admission knows.
    var admission: Admission { contents.withLock { $0.admission } }
}
