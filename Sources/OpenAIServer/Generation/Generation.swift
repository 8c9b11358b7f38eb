import Grammars
import Inference
import Scheduling
import Synchronization
import Tokenization

/// What a generation tells the route that answers it.
enum GenerationUpdate: Sendable {
    /// A prompt has been computed; `logprobs` as in `GenerationEvent.prompt`.
    case prompt(index: Int, cachedTokenCount: Int, logprobs: [PositionLogprobs])
    /// A prompt's pooled hidden states, if they were asked for.
    case embedding(prompt: Int, [Float])
    /// A choice grew or ended. `index` counts over all prompts: prompt × n + choice.
    case choice(index: Int, ChoiceDelta)
    /// Nothing has happened for the keep-alive interval.
    case idle
}

extension GenerationRequest {
    /// Whether it can do with tokens that were not drawn: they have no logprobs, and rules might
    /// have it otherwise.
    fileprivate var takesForcedTokens: Bool { logprobCount == nil && rules.isEmpty }
}

extension OpenAIError {
    fileprivate static let unanswered = internalError(
        "The engine ended the request without an answer."
    )
}

/// The client closed its connection: there is nobody to answer.
struct ClientDisconnected: Error {}

/// One HTTP request's work in the engine: a stream of events for each prompt, turned into text.
///
/// The engine aborts a prompt when its stream is dropped. That happens when `run` returns or
/// throws, and also when the whole value is dropped without having run.
struct Generation: Sendable {
    let prompts: [EncodedPrompt]
    let requests: [GenerationRequest]
    let common: CommonFields
    let model: ServedModel
    /// Where every choice begins, if the form of the output is given.
    private let constraint: ConstrainedText?
    private let streams: [GenerationStream]
    private let ticket: InFlightRequests.Ticket

    private enum Signal: Sendable {
        case event(prompt: Int, GenerationEvent)
        case ended(prompt: Int)
        case idle
        case disconnected
        case interrupted
    }

    /// Hands every prompt to the engine.
    /// - Throws: `OpenAIError` if it does not take them all; those it took are then dropped.
    init(
        prompts: [EncodedPrompt],
        requests: [GenerationRequest],
        common: CommonFields,
        constraint: ConstrainedText? = nil,
        model: ServedModel,
        ticket: InFlightRequests.Ticket
    ) throws(OpenAIError) {
        var requests = requests
        if let constraint {
            let words: [UInt32]
            do {
                words = try constraint.allowedTokens().words
            } catch {
                throw OpenAIError(error, param: "structured_outputs")
            }
            for index in requests.indices { requests[index].firstMask = words }
        }
        self.prompts = prompts
        self.requests = requests
        self.constraint = constraint
        self.common = common
        self.model = model
        self.ticket = ticket
        var streams: [GenerationStream] = []
        for request in requests {
            do {
                streams.append(try model.engine.generate(request))
            } catch {
                throw OpenAIError(error)
            }
        }
        self.streams = streams
    }

    /// Choices over all prompts.
    var choiceCount: Int { requests.count * common.choiceCount }

    /// Tokens of all prompts.
    var promptTokenCount: Int { prompts.reduce(0) { $0 + $1.tokens.count } }

    /// Runs to the end, telling `receive` what happens, in order.
    /// - Throws: `OpenAIError` when the engine or the server gives up; `ClientDisconnected`;
    ///   whatever `receive` throws.
    func run(
        client: ClientConnection?,
        keepAliveInterval: Duration? = nil,
        _ receive: (GenerationUpdate) async throws -> Void
    ) async throws {
        let (signals, source) = AsyncStream.makeStream(of: Signal.self)
        ticket.onInterrupt { source.yield(.interrupted) }
        let readers = streams.indices.map { read(prompt: $0, into: source) }
        let watchers = watch(client, every: keepAliveInterval, into: source)
        defer { for task in readers + watchers { task.cancel() } }

        var texts = requests.flatMap { request in
            (0..<common.choiceCount).map { _ in makeText(request) }
        }
        var isIdle = true
        for await signal in signals {
            switch signal {
            case .event(let prompt, let event):
                isIdle = false
                try await receive(translate(event, prompt: prompt, texts: &texts))
                if isComplete(prompt, texts) { readers[prompt].cancel() }
                if texts.allSatisfy(\.isComplete) { return }
            case .ended(let prompt):
                guard isComplete(prompt, texts) else { throw OpenAIError.unanswered }
            case .idle:
                if isIdle { try await receive(.idle) }
                isIdle = true
            case .disconnected: throw ClientDisconnected()
            case .interrupted: throw OpenAIError.shuttingDown
            }
        }
        throw CancellationError()
    }

    private func makeText(_ request: GenerationRequest) -> ChoiceText {
        ChoiceText(
            tokenizer: model.tokenizer,
            skipsSpecialTokens: common.skipsSpecialTokens,
            stopping: common.stopping,
            stopTokens: request.stopping.stopTokens
        )
    }

    private func isComplete(_ prompt: Int, _ texts: [ChoiceText]) -> Bool {
        let first = prompt * common.choiceCount
        return texts[first..<first + common.choiceCount].allSatisfy(\.isComplete)
    }

    private func translate(
        _ event: GenerationEvent,
        prompt: Int,
        texts: inout [ChoiceText]
    ) throws -> GenerationUpdate {
        let first = prompt * common.choiceCount
        switch event {
        case .prompt(let cachedTokenCount, let logprobs):
            return .prompt(index: prompt, cachedTokenCount: cachedTokenCount, logprobs: logprobs)
        case .embedding(let states): return .embedding(prompt: prompt, states)
        case .token(let choice, let token):
            let delta = texts[first + choice].append(token)
            // A stop string has ended it, of which the engine knows nothing.
            if delta.ending != nil { streams[prompt].endChoice(choice) }
            return .choice(index: first + choice, delta)
        case .finished(let choice, let reason):
            return .choice(index: first + choice, texts[first + choice].finish(reason))
        case .failed(let error): throw OpenAIError(error)
        }
    }

    private func read(
        prompt: Int,
        into source: AsyncStream<Signal>.Continuation
    ) -> Task<Void, Never> {
        let stream = streams[prompt]
        var constraints = constraint.map {
            ChoiceConstraints(
                $0,
                choiceCount: common.choiceCount,
                model.tokenizer,
                forces: requests[prompt].takesForcedTokens
            )
        }
        return Task {
            for await event in stream {
                // First the engine's turn: it holds the choice until it knows what may come.
                do {
                    if let allowed = try constraints?.take(event) { stream.allow(allowed) }
                } catch {
                    source.yield(.event(prompt: prompt, .failed(.failed("\(error)"))))
                    return
                }
                source.yield(.event(prompt: prompt, event))
            }
            source.yield(.ended(prompt: prompt))
        }
    }

    private func watch(
        _ client: ClientConnection?,
        every interval: Duration?,
        into source: AsyncStream<Signal>.Continuation
    ) -> [Task<Void, Never>] {
        var tasks: [Task<Void, Never>] = []
        if let client {
            tasks.append(
                Task {
                    for await _ in client.closed() {}
                    source.yield(.disconnected)
                }
            )
        }
        if let interval {
            tasks.append(
                Task {
                    while (try? await Task.sleep(for: interval)) != nil { source.yield(.idle) }
                }
            )
        }
        return tasks
    }
}
