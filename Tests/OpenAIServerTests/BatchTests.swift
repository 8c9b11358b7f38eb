import Foundation
import Inference
import OpenAIServer
import Scheduling
import Synchronization
import Testing
import Tokenization

struct BatchTests {
    /// The output of a batch, as JSON, and what it says it has done.
    private func run(
        _ lines: [String],
        on fixture: Fixture,
        inFlightCount: Int = 4
    ) async throws -> ([JinjaValue], Batch.Progress) {
        let server = LocalServer(model: try fixture.makeModel(), logger: .silent)
        var rest = lines[...]
        var outputs: [JinjaValue] = []
        let progress = try await Batch(server, inFlightCount: inFlightCount).run {
            rest.popFirst().map { .text(Array($0.utf8)) }
        } write: { line, progress in
            outputs.append(try JinjaValue(json: line))
            #expect(progress.answeredCount == outputs.count)
        }
        return (outputs, progress)
    }

    private func request(_ id: String, prompt: String = "x", _ more: String = "") -> String {
        #"{"custom_id": "\#(id)", "method": "POST", "url": "/v1/completions", "#
            + #""body": {"model": "tiny", "prompt": "\#(prompt)", "max_tokens": 9\#(more)}}"#
    }

    @Test func eachRequestGetsItsAnswerInOpenAIsForm() async throws {
        let chat = #"""
            {"custom_id": "b", "method": "POST", "url": "/v1/chat/completions", \#
            "body": {"messages": [{"role": "user", "content": "x"}]}}
            """#
        let (outputs, progress) = try await run(
            [request("a"), chat],
            on: Fixture(saying: "hi")
        )
        #expect(outputs.map { $0["custom_id"].stringValue } == ["a", "b"])
        for output in outputs {
            #expect(output["id"].stringValue?.hasPrefix("batch_req_") == true)
            #expect(output["error"].isNone)
            #expect(output["response"]["status_code"].integerValue == 200)
            #expect(output["response"]["request_id"].stringValue?.isEmpty == false)
        }
        let body = outputs[0]["response"]["body"]
        #expect(body["choices"][0]["text"].stringValue == "hi")
        let message = outputs[1]["response"]["body"]["choices"][0]["message"]
        #expect(message["content"].stringValue == "hi")
        #expect(progress.answeredCount == 2 && progress.failedCount == 0)
    }

    @Test func theOrderIsThatOfTheInputWhateverIsReadyFirst() async throws {
        let fixture = try Fixture { request throws(AdmissionError) in
            // The earlier the request, the longer it takes.
            let delay = Duration.milliseconds(200 / request.promptTokens.count)
            return [.pause(delay)]
                + Fixture.say("ok", request, ending: .stop(TinyTokenizer.turnEnd))
        }
        let lines = (1...20).map { request("\($0)", prompt: String(repeating: "x", count: $0)) }
        let (outputs, _) = try await run(lines, on: fixture)
        #expect(outputs.map { $0["custom_id"].stringValue } == (1...20).map { "\($0)" })
    }

    @Test func noMoreThanAskedForAreInFlight() async throws {
        let most = Mutex(0)
        let fixture = try Fixture { request throws(AdmissionError) in
            [.prompt, .pause(.milliseconds(5)), .token(97), .finished(.length)]
        }
        let engine = fixture.engine
        let watching = Task {
            while !Task.isCancelled {
                most.withLock { $0 = max($0, engine.openCount) }
                try await Task.sleep(for: .microseconds(200))
            }
        }
        _ = try await run((0..<30).map { request("\($0)") }, on: fixture, inFlightCount: 3)
        watching.cancel()
        #expect((1...3).contains(most.withLock { $0 }))
    }

    @Test(arguments: [
        ("", "not JSON"), ("{", "not JSON"), ("[]", "not a JSON object"),
        (#"{"method": "POST"}"#, "custom_id"),
        (#"{"custom_id": 1, "method": "POST"}"#, "custom_id"),
        (#"{"custom_id": "a", "method": "GET", "url": "/v1/models", "body": {}}"#, "method"),
        (#"{"custom_id": "a", "method": "POST", "body": {}}"#, "url"),
        (#"{"custom_id": "a", "method": "POST", "url": "/metrics", "body": {}}"#, "/metrics was"),
        (#"{"custom_id": "a", "method": "POST", "url": "/v1/../x", "body": {}}"#, "was used"),
        (#"{"custom_id": "a", "method": "POST", "url": "/v1/completions"}"#, "body"),
        (#"{"custom_id": "a", "method": "POST", "url": "/v1/completions", "body": []}"#, "body"),
        (
            #"{"custom_id": "a", "method": "POST", "url": "/v1/completions", "#
                + #""body": {"prompt": "x", "stream": true}}"#,
            "stream mode"
        ),
    ])
    func aBadLineGivesAnErrorLineAndStopsNobody(line: String, words: String) async throws {
        let (outputs, progress) = try await run([line, request("z")], on: Fixture(saying: "hi"))
        #expect(outputs[0]["error"].stringValue?.contains(words) == true, "\(outputs[0])")
        #expect(outputs[0]["response"]["status_code"].integerValue == 400)
        #expect(outputs[0]["response"]["body"].isNone)
        #expect(outputs[1]["error"].isNone && outputs[1]["custom_id"].stringValue == "z")
        #expect(progress.failedCount == 1)
    }

    @Test func theEndpointsErrorIsTheLines() async throws {
        let (outputs, _) = try await run(
            [request("a", #", "temperature": -1"#), request("b", #", "n": 99"#)],
            on: Fixture(saying: "hi")
        )
        for output in outputs {
            #expect(output["response"]["status_code"].integerValue == 400)
            #expect(output["error"]["error"]["type"].stringValue == "BadRequestError")
        }
        #expect(outputs[0]["error"]["error"]["param"].stringValue == "temperature")
    }

    @Test func aFullQueueIsWaitedFor() async throws {
        let refusals = Mutex(5)
        let fixture = try Fixture { request throws(AdmissionError) in
            let isFull = refusals.withLock { count in
                count -= 1
                return count >= 0
            }
            if isFull { throw .queueFull(waiting: 1, limit: 1, retryAfter: 1) }
            return Fixture.say("ok", request, ending: .stop(TinyTokenizer.turnEnd))
        }
        let (outputs, progress) = try await run([request("a"), request("b")], on: fixture)
        #expect(progress.failedCount == 0)
        #expect(outputs.allSatisfy { $0["error"].isNone })
    }

    @Test func numbersOfABodyKeepTheirDigits() async throws {
        let fixture = try Fixture(saying: "hi")
        _ = try await run([request("a", #", "seed": 9007199254740993"#)], on: fixture)
        #expect(fixture.engine.requests.first?.sampling.seed == 9_007_199_254_740_993)
    }
}

struct LineReaderTests {
    private func lines(_ text: String, limit: Int = 100) throws -> [LineReader.Line] {
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(text.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        var reader = LineReader(try FileHandle(forReadingFrom: url), limit: limit)
        var lines: [LineReader.Line] = []
        while let line = try reader.next() { lines.append(line) }
        return lines
    }

    private func texts(_ text: String...) -> [LineReader.Line] {
        text.map { .text(Array($0.utf8)) }
    }

    @Test func linesEndWithOrWithoutALineEnd() throws {
        #expect(try lines("") == [])
        #expect(try lines("a") == texts("a"))
        #expect(try lines("a\nb\n") == texts("a", "b"))
        #expect(try lines("\n \na\r\n\n\nb") == texts("a\r", "b"))
    }

    @Test func aLineOverTheLimitIsPassedOver() throws {
        let long = String(repeating: "x", count: 200_000)
        #expect(
            try lines("a\n\(long)\nb\n\(long)") == texts("a") + [.tooLong] + texts("b") + [.tooLong]
        )
        #expect(try lines(String(repeating: "y", count: 100)).first != .tooLong)
        #expect(try lines(String(repeating: "y", count: 101)) == [.tooLong])
        #expect(try lines(long, limit: 200_000) == texts(long))
    }
}
