import HTTPTypes
import Inference
import OpenAIServer
import Testing
import Tokenization

@Suite struct HealthTests {
    @Test(arguments: [
        (EngineState.ready, [200, 200, 200]), (.loading(progress: 0.5), [200, 503, 503]),
        (.draining, [200, 503, 200]), (.failed("x"), [503, 503, 503]),
    ])
    func probesFollowTheEngine(_ state: EngineState, _ statuses: [Int]) async throws {
        let fixture = try Fixture(saying: "x")
        fixture.engine.state = state
        var found: [Int] = []
        for path in ["/livez", "/readyz", "/startupz"] {
            found.append(try await fixture.get(path).status)
        }
        #expect(found == statuses)
        #expect(try await fixture.get("/health").status == statuses[0])
        #expect(try await fixture.get("/ping").status == statuses[0])
    }

    @Test func readinessSaysWhyNot() async throws {
        let fixture = try Fixture(saying: "x")
        #expect(try await fixture.get("/readyz").json == ["status": "ready"])
        fixture.engine.state = .loading(progress: 0.5)
        #expect(
            try await fixture.get("/readyz").json
                == ["status": "loading", "reason": "The model is loading.", "progress": 0.5]
        )
    }

    @Test func versionAndLoadAreTold() async throws {
        let fixture = try Fixture(saying: "x")
        #expect(try await fixture.get("/version").json == ["version": "1.2.3"])
        #expect(try await fixture.get("/load").json == ["server_load": 0])
    }

    @Test func modelsAreListedUnderAllTheirNames() async throws {
        let fixture = try Fixture(saying: "x")
        let list = try await fixture.get("/v1/models").json
        #expect(list["object"] == "list")
        #expect(list["data"].listValue?.map { $0["id"] } == ["tiny", "org/alias"])
        #expect(
            list["data"][0]
                == [
                    "id": "tiny", "object": "model", "created": 1_700_000_000, "owned_by": "pumice",
                    "root": "tiny", "parent": .none, "max_model_len": 128, "permission": [],
                ]
        )
        #expect(try await fixture.get("/v1/models/tiny").json["id"] == "tiny")
        #expect(try await fixture.get("/v1/models/org/alias").json["root"] == "tiny")
        #expect(try await fixture.get("/v1/models/org%2Falias").json["id"] == "org/alias")
        let wrong = try await fixture.get("/v1/models/other")
        #expect(wrong.status == 404)
        #expect(wrong.json["error"]["param"] == "model")
    }
}
