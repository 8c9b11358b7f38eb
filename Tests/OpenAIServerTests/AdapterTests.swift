import HTTPTypes
import Inference
import NIOCore
import OpenAIServer
import Testing
import Tokenization

/// Adapters over HTTP.
@Suite struct AdapterTests {
    private static let sql = LoadedAdapter(id: AdapterID(rawValue: 7), name: "sql", path: "a/sql")

    private func fixture(allowing: Bool = true) throws -> Fixture {
        var fixture = try Fixture(saying: "ok")
        fixture.configuration.pooling = .mean
        fixture.configuration.allowsAdapterChanges = allowing
        fixture.engine.adapters = [Self.sql]
        return fixture
    }

    @Test(arguments: [
        ("/v1/completions", #""prompt": "a""#),
        ("/v1/chat/completions", #""messages": [{"role": "user", "content": "a"}]"#),
        ("/v1/responses", #""input": "a""#),
        ("/v1/messages", #""max_tokens": 9, "messages": [{"role": "user", "content": "a"}]"#),
    ])
    func theModelsNameChoosesTheAdapter(_ path: String, _ fields: String) async throws {
        let fixture = try fixture()
        for (name, adapter) in [("sql", Self.sql.id), ("tiny", nil), ("org/alias", nil)] {
            let answer = try await fixture.post(path, #"{"model": "\#(name)", \#(fields)}"#)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["model"].stringValue == (adapter == nil ? "tiny" : "sql"))
            #expect(fixture.engine.requests.last?.adapter == adapter)
        }
        let unknown = try await fixture.post(path, #"{"model": "other", \#(fields)}"#)
        #expect(unknown.status == 404)
        #expect(
            unknown.text.contains(
                "The model `other` does not exist. Valid aliases: tiny, org/alias, sql."
            )
        )
    }

    @Test func embeddingsAndTokensKnowTheNameToo() async throws {
        let fixture = try fixture()
        _ = try await fixture.post("/v1/embeddings", #"{"model": "sql", "input": "a"}"#)
        #expect(fixture.engine.requests.last?.adapter == Self.sql.id)
        for path in ["/tokenize", "/detokenize"] {
            let body = #"{"model": "sql", "prompt": "a", "tokens": [97]}"#
            #expect(try await fixture.post(path, body).status == 200)
        }
        let count = try await fixture.post(
            "/v1/messages/count_tokens",
            #"{"model": "sql", "messages": [{"role": "user", "content": "a"}]}"#
        )
        #expect(count.status == 200)
    }

    @Test func adaptersAreListedWithTheirParentAndRoot() async throws {
        let fixture = try fixture()
        let cards = try #require(try await fixture.get("/v1/models").json["data"].listValue)
        #expect(cards.map { $0["id"] } == ["tiny", "org/alias", "sql"])
        #expect(cards.map { $0["parent"] } == [.none, .none, "tiny"])
        #expect(cards.map { $0["root"] } == ["tiny", "tiny", "a/sql"])
        let card = try await fixture.get("/v1/models/sql").json
        #expect(card["parent"] == "tiny")
        #expect(try await fixture.get("/v1/models/other").status == 404)
    }

    @Test func adaptersAreLoadedAndUnloaded() async throws {
        let fixture = try fixture()
        let load = "/v1/load_lora_adapter"
        let unload = "/v1/unload_lora_adapter"
        let loaded = try await fixture.post(
            load,
            #"{"lora_name": "poet", "lora_path": "a/poet"}"#
        )
        #expect(loaded.status == 200)
        #expect(loaded.text == "Success: LoRA adapter 'poet' added successfully.")
        #expect(fixture.engine.adapters.map(\.path) == ["a/sql", "a/poet"])

        let again = try await fixture.post(load, #"{"lora_name": "poet", "lora_path": "b"}"#)
        #expect(again.status == 400)
        #expect(again.json["error"]["type"] == "InvalidUserInput")
        #expect(
            again.json["error"]["message"]
                == .string(AdapterChangeError.nameTaken("poet").description)
        )
        let inPlace = try await fixture.post(
            load,
            #"{"lora_name": "poet", "lora_path": "b", "load_inplace": true}"#
        )
        #expect(inPlace.status == 200)
        #expect(fixture.engine.adapters.map(\.path) == ["a/sql", "b"])

        let gone = try await fixture.post(unload, #"{"lora_name": "poet"}"#)
        #expect(gone.text == "Success: LoRA adapter 'poet' removed successfully.")
        let unknown = try await fixture.post(unload, #"{"lora_name": "poet"}"#)
        #expect(unknown.status == 404)
        #expect(unknown.json["error"]["type"] == "NotFoundError")
        #expect(
            unknown.json["error"]["message"] == "The lora adapter 'poet' cannot be found."
        )
    }

    @Test(arguments: [
        (#"{"lora_name": "x"}"#, "Both 'lora_name' and 'lora_path' must be provided."),
        (#"{"lora_path": "x"}"#, "Both 'lora_name' and 'lora_path' must be provided."),
        (#"{"lora_name": "", "lora_path": "x"}"#, "Both 'lora_name' and 'lora_path' must be"),
        (#"{"lora_name": 1, "lora_path": "x"}"#, "Input should be a valid string"),
        (#"{"lora_name": "x", "lora_path": "x\u0000"}"#, "lora_path must have at most 4096 bytes"),
        (#"{"lora_name": "a,b", "lora_path": "x"}"#, "no comma and no control character"),
        (#"{"lora_name": "tiny", "lora_path": "x"}"#, "'tiny' is the model's own name"),
        (
            #"{"lora_name": "x", "lora_path": "x", "is_3d_lora_weight": true}"#,
            "is_3d_lora_weight is not supported"
        ),
    ])
    func badRequestsSayWhatToDo(_ body: String, _ message: String) async throws {
        let answer = try await fixture().post("/v1/load_lora_adapter", body)
        #expect(answer.status == 400)
        #expect(answer.text.contains(message), "\(answer.text)")
    }

    @Test(arguments: [
        (AdapterChangeError.notFound("No adapter found for x: there is nothing."), 404),
        (.refused("x: `use_dora` is not supported."), 400),
        (.noRoom(limit: 1, names: ["sql"]), 400), (.notEnabled, 400),
        (.unavailable(.draining), 503),
    ])
    func whatTheEngineSaysIsAnswered(_ error: AdapterChangeError, _ status: Int) async throws {
        let fixture = try fixture()
        fixture.engine.adapterError = error
        let answer = try await fixture.post(
            "/v1/load_lora_adapter",
            #"{"lora_name": "x", "lora_path": "x"}"#
        )
        #expect(answer.status == status)
        if status != 503 { #expect(answer.json["error"]["message"] == .string("\(error)")) }
    }

    @Test func clientsChangeAdaptersOnlyWhereTheyMay() async throws {
        let fixture = try fixture(allowing: false)
        for verb in ["load", "unload"] {
            let path = "/v1/\(verb)_lora_adapter"
            let body = #"{"lora_name": "x", "lora_path": "x"}"#
            #expect(try await fixture.post(path, body).status == 404)
            #expect(try await fixture.get("/openapi.json").json["paths"][path].isUndefined)
        }
        #expect(fixture.engine.adapters == [Self.sql])
    }

    @Test func whichAdaptersRequestsHaveIsAMetric() async throws {
        let fixture = try fixture()
        #expect(try await !fixture.get("/metrics").text.contains("lora_requests_info"))
        fixture.engine.statistics.adapters = AdapterStatistics(
            limit: 4,
            running: ["poet", "sql"],
            waiting: ["other"]
        )
        let text = try await fixture.get("/metrics").text
        let labels =
            #"max_lora="4",running_lora_adapters="poet,sql",waiting_lora_adapters="other""#
        let line = try #require(
            text.split(separator: "\n").first { $0.hasPrefix("vllm:lora_requests_info{") }
        )
        #expect(line.hasPrefix("vllm:lora_requests_info{\(labels)} "))
        let value = try #require(line.split(separator: " ").last.flatMap { Double($0) })
        #expect(value > 1_700_000_000)
    }

    @Test func anAdapterThatHasJustGoneIsNotFound() async throws {
        var fixture = try Fixture { _ throws(AdmissionError) in [.emit(.failed(.adapterGone))] }
        fixture.engine.adapters = [Self.sql]
        fixture.configuration.allowsAdapterChanges = false
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"model": "sql", "prompt": "a"}"#
        )
        #expect(answer.status == 404)
        #expect(answer.text.contains("has just been unloaded"))
    }
}
