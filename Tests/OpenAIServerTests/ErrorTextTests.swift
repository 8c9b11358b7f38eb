import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

/// Whole texts of errors that clients may look for, beside those of single fields.
@Suite struct ErrorTextTests {
    private func message(_ answer: Answer) -> String? {
        answer.json["error"]["message"].stringValue
    }

    @Test(
        arguments: [
            (
                AdmissionError.queueFull(waiting: 4, limit: 4, retryAfter: 7),
                "The engine is currently busy and cannot accept new requests. Please try again "
                    + "later or on a different instance."
            ),
            (
                .tokenBacklog(tokens: 9, limit: 8, retryAfter: 3),
                "The engine has reached its prefill token backlog limit. Please try again later or "
                    + "on a different instance."
            ),
            (
                .unavailable(.failed("x")),
                "The engine has failed. Please try again later or on a different instance."
            ),
            (
                .unavailable(.draining),
                "The server is shutting down. Please try again on a different instance."
            ),
            (
                .unavailable(.loading(progress: 0.5)),
                "The model is loading (50 %). Please try again later."
            ),
        ] as [(AdmissionError, String)]
    )
    func anEngineThatTakesNoRequestSaysWhatToDo(
        _ error: AdmissionError,
        _ text: String
    ) async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in throw error }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a"}"#)
        #expect(message(answer) == text)
    }

    @Test(
        arguments: [
            (
                EngineError.deviceLost("x"),
                "The device was lost while the request ran. Please send it again."
            ),
            (.deadlineExceeded, "The request took longer than this server allows."),
            (.shutDown, "The server is shutting down. Please try again on a different instance."),
            (.failed("secret"), "The engine failed."),
        ] as [(EngineError, String)]
    )
    func anErrorAfterTheFirstByteIsAnEventBeforeTheMark(
        _ error: EngineError,
        _ text: String
    ) async throws {
        let fixture = try Fixture { _ in [.prompt, .token(97), .emit(.failed(error))] }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
        #expect(answer.status == 200)
        #expect(answer.events.last == "[DONE]")
        #expect(answer.chunks.last?["error"]["message"] == .string(text))
    }

    @Test func aPromptOverTheContext() async throws {
        let answer = try await Fixture(saying: "never").post(
            "/v1/completions",
            #"{"prompt":[\#(repeatElement("1", count: 129).joined(separator: ","))]}"#
        )
        #expect(
            message(answer)
                == "This model's maximum context length is 128 tokens. However, your prompt "
                + "contains at least 129 input tokens, which exceeds this limit even without any "
                + "output tokens. Please reduce the length of the input prompt. "
                + "(parameter=input_tokens, value=129)"
        )
    }

    @Test func aTextThatCannotFit() async throws {
        let text = String(repeating: "x", count: 4000)
        let answer = try await Fixture(saying: "never")
            .post("/v1/completions", #"{"prompt":"\#(text)"}"#)
        #expect(
            message(answer)
                == "This model's maximum context length is 128 tokens. However, your prompt "
                + "contains 4000 bytes of text, which cannot fit into it. Please reduce the length "
                + "of the input prompt. (parameter=input_text, value=4000)"
        )
    }

    @Test func textThatIsNoJSON() async throws {
        let answer = try await Fixture(saying: "never").post("/v1/completions", #"{"a": }"#)
        #expect(
            message(answer)?.hasPrefix(
                "1 validation error:\n  {'type': 'json_invalid', 'loc': ('body', 6), "
                    + "'msg': 'JSON decode error', "
            ) == true,
            "\(answer.text)"
        )
    }

    @Test func anotherMediaType() async throws {
        let answer = try await Fixture(saying: "never")
            .post("/v1/completions", "a=b", headers: [.contentType: "text/plain"])
        #expect(
            message(answer)
                == "1 validation error:\n  Unsupported Media Type: Only 'application/json' is "
                + "allowed"
        )
    }

    @Test(arguments: [
        #""structured_outputs":{"json":{},"regex":"a"}"#,
        #""structured_outputs":{"regex":"a"},"response_format":{"type":"json_object"}"#,
    ])
    func severalConstraints(_ fields: String) async throws {
        let answer = try await Fixture(saying: "never")
            .post("/v1/completions", #"{"prompt":"a",\#(fields)}"#)
        #expect(
            message(answer)
                == "You can only use one kind of constraints for structured outputs ('json', "
                + "'regex' or 'choice')."
        )
    }

    @Test func aRequestThatNamesNoModelMeansTheFirst() async throws {
        let answer = try await Fixture(saying: "x").post("/v1/completions", #"{"prompt":"a"}"#)
        #expect(answer.status == 200)
        #expect(answer.json["model"] == "tiny")
    }

    @Test func aPromptAndAnOutputThatFitAloneAreClamped() async throws {
        let fixture = try Fixture(saying: "x")
        let prompt = String(repeating: "a", count: 100)
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"\#(prompt)","max_tokens":120}"#
        )
        #expect(answer.status == 200)
        #expect(fixture.engine.requests.last?.stopping.maxTokens == 28)
    }
}
