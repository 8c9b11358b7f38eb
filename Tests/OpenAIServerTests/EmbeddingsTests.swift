import Foundation
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

@Suite struct EmbeddingsTests {
    /// An engine whose hidden states are (3, 4 × the prompt's length).
    private func fixture(_ pooling: Pooling? = .mean) throws -> Fixture {
        var fixture = try Fixture { request throws(AdmissionError) in
            let states: [Float] = [3, 4 * Float(request.promptTokens.count)]
            return [
                .prompt, .emit(.embedding(states)), .token(97), .finished(.length),
            ]
        }
        fixture.configuration.pooling = pooling
        return fixture
    }

    @Test func aTextBecomesAVectorOfLengthOne() async throws {
        let fixture = try fixture()
        let answer = try await fixture.post("/v1/embeddings", #"{"model":"tiny","input":"a"}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["object"] == "list" && answer.json["model"] == "tiny")
        #expect(answer.json["data"][0]["object"] == "embedding")
        #expect(answer.json["data"][0]["embedding"] == [0.6, 0.8])
        #expect(answer.json["usage"] == ["prompt_tokens": 1, "total_tokens": 1])
        let request = try #require(fixture.engine.requests.only)
        #expect(request.pooling == .mean && request.stopping.maxTokens == 1)
    }

    @Test func eachInputHasItsVector() async throws {
        for (inputs, count) in [(#"["a","bb"]"#, 3), ("[[1,2],[3]]", 3), ("[1,2,3]", 3)] {
            let fixture = try fixture(.last)
            let answer = try await fixture.post("/v1/embeddings", #"{"input":\#(inputs)}"#)
            #expect(answer.json["usage"]["prompt_tokens"] == .integer(count), "\(answer.text)")
            let data = answer.json["data"].listValue ?? []
            #expect(data.map { $0["index"] } == (0..<data.count).map { .integer($0) })
            #expect(data.count == fixture.engine.requests.count)
            #expect(fixture.engine.requests.allSatisfy { $0.pooling == .last })
        }
    }

    @Test func base64IsTheSameNumbers() async throws {
        let answer = try await fixture().post(
            "/v1/embeddings",
            #"{"input":"a","encoding_format":"base64"}"#
        )
        let text = try #require(answer.json["data"][0]["embedding"].stringValue)
        let bytes = [UInt8](try #require(Data(base64Encoded: text)))
        var numbers: [Float] = []
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var bits: UInt32 = 0
            for offset in (0..<4).reversed() { bits = bits << 8 | UInt32(bytes[start + offset]) }
            numbers.append(Float(bitPattern: bits))
        }
        #expect(numbers == [0.6, 0.8])
    }

    @Test(arguments: [
        (#"{"input":"a","dimensions":2}"#, "dimensions", "dimensions is not supported"),
        (#"{"input":"a","encoding_format":"bytes"}"#, "encoding_format", "can be"),
        (#"{"input":""}"#, "input", "input must be provided and non-empty."),
        (#"{"input":[]}"#, "input", "input must be provided and non-empty."),
        (#"{}"#, "input", "input must be provided and non-empty."),
        (#"{"input":[263]}"#, "input", "Token id 263 is out of vocabulary."),
        (#"{"input":5}"#, "body.input", "Input should be"),
        (#"{"input":"a","priority":"x"}"#, "body.priority", "Input should be"),
    ])
    func mistakesAreNamed(_ body: String, _ param: String, _ message: String) async throws {
        let fixture = try fixture()
        let answer = try await fixture.post("/v1/embeddings", body)
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == .string(param), "\(answer.text)")
        #expect(answer.json["error"]["message"].stringValue?.contains(message) == true)
        #expect(fixture.engine.requests.isEmpty)
    }

    @Test func aServerThatIsNotToldHowRefusesInVLLMsWords() async throws {
        let answer = try await fixture(nil).post("/v1/embeddings", #"{"input":"a"}"#)
        #expect(answer.status == 400)
        #expect(answer.json["error"]["message"] == "The model does not support Embeddings API")
    }
}

extension Array {
    /// The one element there is.
    fileprivate var only: Element? { count == 1 ? self[0] : nil }
}
