import Foundation
import HTTPTypes
import Inference
import Logging
import OpenAIServer
import Scheduling
import Tokenization

/// A server over a scripted engine.
struct Fixture {
    var engine: ScriptedEngine
    var configuration = OpenAIServer.Configuration()
    var chatTemplate: ChatTemplate?

    init(_ script: @escaping ScriptedEngine.Script) throws {
        engine = ScriptedEngine(script: script)
        configuration.version = "1.2.3"
        chatTemplate = try ChatTemplate(source: Self.chatML)
    }

    /// An engine that says `text`, a token for each byte, and ends.
    init(saying text: String, ending: FinishReason = .stop(TinyTokenizer.turnEnd)) throws {
        try self.init { request throws(AdmissionError) in Self.say(text, request, ending: ending) }
    }

    static func say(
        _ text: String,
        _ request: GenerationRequest,
        ending: FinishReason
    ) -> [ScriptedEngine.Step] {
        var steps: [ScriptedEngine.Step] = [.prompt]
        for choice in 0..<request.choiceCount {
            steps += text.utf8.map { .token(TokenID($0), choice: choice) }
            if case .stop(let token) = ending { steps.append(.token(token, choice: choice)) }
            steps.append(.finished(ending, choice: choice))
        }
        return steps
    }

    static let chatML = """
        {%- for message in messages -%}
        <|im_start|>{{ message.role }}
        {{ message.content }}<|im_end|>
        {% endfor -%}
        {%- if add_generation_prompt -%}<|im_start|>assistant
        {% endif -%}
        """

    func makeServer(logger: Logger = .silent) throws -> OpenAIServer {
        OpenAIServer(model: try makeModel(), configuration: configuration, logger: logger)
    }

    func makeModel() throws -> ServedModel {
        ServedModel(
            names: ["tiny", "org/alias"],
            created: 1_700_000_000,
            engine: engine,
            tokenizer: try TinyTokenizer.make(),
            chatTemplate: chatTemplate
        )
    }

    /// Runs `body` against the routes, without a socket.
    func test<Value: Sendable>(
        _ body: @Sendable (TestClient) async throws -> Value
    ) async throws -> Value {
        try await body(TestClient(makeServer()))
    }

    /// Posts `json` and returns the answer.
    func post(
        _ path: String,
        _ json: String,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/json" }
        let fields = headers
        return try await test { try await $0.send(path, .post, headers: fields, body: json) }
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Answer {
        try await test { try await $0.send(path, headers: headers) }
    }
}

/// An answer as tests look at it.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    /// The body as JSON, `undefined` when it is not.
    var json: JinjaValue { (try? JinjaValue(json: Array(text.utf8))) ?? .undefined }

    /// The payloads of a stream's events, `[DONE]` included.
    var events: [String] {
        text.components(separatedBy: "\n\n").filter { $0.hasPrefix("data: ") }
            .map { String($0.dropFirst(6)) }
    }

    /// The JSON payloads of a stream's events.
    var chunks: [JinjaValue] {
        events.filter { $0 != "[DONE]" }.map {
            (try? JinjaValue(json: Array($0.utf8))) ?? .undefined
        }
    }
}

extension Answer {
    /// The events of a stream that have names.
    var named: [(name: String, data: JinjaValue)] {
        text.components(separatedBy: "\n\n").compactMap { event in
            let lines = event.components(separatedBy: "\n")
            guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: ")
            else { return nil }
            let data = (try? JinjaValue(json: lines[1].dropFirst(6).utf8)) ?? .undefined
            return (String(lines[0].dropFirst(7)), data)
        }
    }
}

extension Logger {
    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}
