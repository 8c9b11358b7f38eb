import Inference
import Scheduling
import Synchronization

/// An engine that does what a script says, and remembers what it was asked.
final class ScriptedEngine: InferenceEngine {
    /// A moment of a script.
    enum Step: Sendable {
        case emit(GenerationEvent)
        case pause(Duration)
        /// Nothing more, until the request is aborted.
        case hang
    }

    typealias Script = @Sendable (GenerationRequest) throws(AdmissionError) -> [Step]

    let properties: EngineProperties
    private let script: Script
    private let shared = Mutex(Shared())
    private let abortSignal = AsyncStream.makeStream(of: Int.self)

    private struct Shared {
        var state = EngineState.ready
        var statistics: EngineStatistics?
        var requests: [GenerationRequest] = []
        var abortCount = 0
        var endedChoices: [Int] = []
        var allowed: [AllowedTokens] = []
        /// Requests, by number, whose last event is the end of a choice and has been emitted: to
        /// drop their streams is no abort.
        var doneRequests: Set<Int> = []
        var openCount = 0
        var adapters: [LoadedAdapter] = []
        var adapterError: AdapterChangeError?
    }

    init(properties: EngineProperties = .tiny, script: @escaping Script) {
        self.properties = properties
        self.script = script
    }

    var state: EngineState {
        get { shared.withLock { $0.state } }
        set { shared.withLock { $0.state = newValue } }
    }

    var statistics: EngineStatistics {
        get {
            shared.withLock { $0.statistics }
                ?? EngineStatistics(maxModelLength: properties.maxModelLength)
        }
        set { shared.withLock { $0.statistics = newValue } }
    }

    /// Every request taken, in order.
    var requests: [GenerationRequest] { shared.withLock { $0.requests } }
    /// Requests whose stream was dropped before its end.
    var abortCount: Int { shared.withLock { $0.abortCount } }
    /// Choices whose reader had enough of them.
    var endedChoices: [Int] { shared.withLock { $0.endedChoices } }
    /// What readers let constrained choices go on with, in order.
    var allowed: [AllowedTokens] { shared.withLock { $0.allowed } }
    /// What requests may ask for.
    var adapters: [LoadedAdapter] {
        get { shared.withLock { $0.adapters } }
        set { shared.withLock { $0.adapters = newValue } }
    }
    /// Why no adapter is loaded, if none is to be.
    var adapterError: AdapterChangeError? {
        get { shared.withLock { $0.adapterError } }
        set { shared.withLock { $0.adapterError = newValue } }
    }
    /// Requests taken and not ended.
    var openCount: Int { shared.withLock { $0.openCount } }

    func generate(
        _ request: GenerationRequest
    ) throws(AdmissionError) -> GenerationStream {
        let steps = try script(request)
        let (stream, continuation) = AsyncStream.makeStream(of: GenerationEvent.self)
        let number = shared.withLock { shared -> Int in
            shared.requests.append(request)
            shared.openCount += 1
            return shared.requests.count
        }
        let task = Task {
            for (index, step) in steps.enumerated() {
                if index == steps.count - 1, case .emit(.finished) = step {
                    _ = shared.withLock { $0.doneRequests.insert(number) }
                }
                switch step {
                case .emit(let event): continuation.yield(event)
                case .pause(let duration): try await Task.sleep(for: duration)
                case .hang: try await Task.sleep(for: .seconds(3600))
                }
            }
            continuation.finish()
        }
        continuation.onTermination = { [self] reason in
            task.cancel()
            let (count, isAbort) = shared.withLock { shared -> (Int, Bool) in
                shared.openCount -= 1
                guard case .cancelled = reason, !shared.doneRequests.contains(number) else {
                    return (shared.abortCount, false)
                }
                shared.abortCount += 1
                return (shared.abortCount, true)
            }
            if isAbort { abortSignal.continuation.yield(count) }
        }
        return GenerationStream(
            stream,
            end: { [self] choice in shared.withLock { $0.endedChoices.append(choice) } },
            allow: { [self] tokens in shared.withLock { $0.allowed.append(tokens) } }
        )
    }

    func loadAdapter(
        name: String,
        path: String,
        replacing: Bool
    ) async throws(AdapterChangeError) -> LoadedAdapter {
        if let adapterError { throw adapterError }
        let isTaken = adapters.contains { $0.name == name }
        guard replacing || !isTaken else { throw .nameTaken(name) }
        let id = AdapterID(rawValue: UInt64(100 + adapters.count))
        let adapter = LoadedAdapter(id: id, name: name, path: path)
        adapters = adapters.filter { $0.name != name } + [adapter]
        return adapter
    }

    func unloadAdapter(name: String) async throws(AdapterChangeError) {
        guard adapters.contains(where: { $0.name == name }) else { throw .unknown(name) }
        adapters = adapters.filter { $0.name != name }
    }

    /// Waits until a request is aborted; false after `timeout`.
    func waitForAbort(atMost timeout: Duration = .seconds(5)) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.abortSignal.stream.first { _ in true } != nil }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}

extension ScriptedEngine.Step {
    static func token(_ id: TokenID, choice: Int = 0) -> Self {
        .emit(.token(choice: choice, GeneratedToken(id: id)))
    }

    static func finished(_ reason: FinishReason, choice: Int = 0) -> Self {
        .emit(.finished(choice: choice, reason))
    }

    static let prompt = Self.emit(.prompt(cachedTokenCount: 0, logprobs: []))
}

extension EngineProperties {
    static let tiny = EngineProperties(
        deviceName: "Scripted",
        driverName: "none",
        architecture: "llama",
        maxModelLength: 128,
        vocabularySize: TinyTokenizer.vocabularySize,
        blockSize: 16,
        blockCount: 64,
        maxChoiceCount: 4
    )

    /// With room for prompts whose tokens are bytes.
    static let roomy = {
        var properties = tiny
        properties.maxModelLength = 4096
        return properties
    }()
}
