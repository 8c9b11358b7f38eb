import Foundation
import HTTPTypes
import Inference
import OpenAIServer
import Testing
import Tokenization

@Suite struct OpenAPITests {
    private func document(_ fixture: Fixture) async throws -> JinjaValue {
        let answer = try await fixture.get("/openapi.json")
        #expect(answer.status == 200)
        return answer.json
    }

    /// The server's sources below a folder.
    private func sources(_ folder: String = "") throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/OpenAIServer/\(folder)").standardizedFileURL
        let names = FileManager.default.enumerator(atPath: root.path)
        var texts: [String] = []
        for case let name as String in names ?? .init() where name.hasSuffix(".swift") {
            texts.append(try String(contentsOf: root.appending(path: name), encoding: .utf8))
        }
        return texts
    }

    /// The paths that the sources register; `**` stands for a parameter.
    private func routes() throws -> Set<String> {
        var routes: Set<String> = []
        for text in try sources() {
            let calls = text.matches(of: /endpoint\(\s*"([^"]+)"/).map(\.output.1)
            let lists = text.matches(of: /RouterPath in \[([^\]]+)\]/).flatMap {
                $0.output.1.matches(of: /"([^"]+)"/).map(\.output.1)
            }
            routes.formUnion((calls + lists).map { String($0) })
        }
        // What is answered to everything else while there is no model.
        return routes.subtracting(["/", "**"])
    }

    @Test func everyRouteIsDescribedAndNoOther() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.allowsAdapterChanges = true
        let paths = try await document(fixture)["paths"]
        let described = (paths.objectValue?.keys ?? []).compactMap(\.stringValue)
            .map { $0.replacing(/\{[a-z]+\}/, with: "**") }
        #expect(Set(described) == (try routes()))
        #expect(described.count > 15)
    }

    @Test func everyFieldThatIsReadIsDescribed() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.allowsAdapterChanges = true
        let document = try await fixture.get("/openapi.json").text
        let reading = /[\w)?]\.(?:string|bool|integer|number|list|object|fields|value)\(\s*"(\w+)"/
        let read = Set(
            try sources("Schema").flatMap { text in
                text.matches(of: reading).map { String($0.output.1) }
            }
        )
        #expect(read.count > 80)
        // They are read only to be refused.
        let refused: Set = [
            "best_of", "dimensions", "modalities", "suffix", "use_beam_search",
            "whitespace_pattern",
        ]
        #expect(read.filter { !document.contains("\"\($0)\":") } == refused)
    }

    @Test(arguments: [false, true])
    func everyReferenceLeadsToASchemaAndEverySchemaIsReferredTo(
        allowsAdapterChanges: Bool
    ) async throws {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.allowsAdapterChanges = allowsAdapterChanges
        let answer = try await fixture.get("/openapi.json")
        let references = Set(
            answer.text.matches(of: /#\/components\/schemas\/(\w+)/).map { String($0.output.1) }
        )
        let schemas = answer.json["components"]["schemas"].objectValue?.keys ?? []
        let unused = Set(schemas.compactMap(\.stringValue)).subtracting(references)
        #expect(references.subtracting(schemas.compactMap(\.stringValue)).isEmpty)
        #expect(unused.isEmpty)
    }

    @Test func limitsAreThoseOfTheServer() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.limits.stopStringCount = 3
        let request = try await document(fixture)["components"]["schemas"]["CompletionRequest"]
        #expect(request["properties"]["max_tokens"]["maximum"] == 128)
        #expect(request["properties"]["stop"]["anyOf"][0]["anyOf"][1]["maxItems"] == 3)
        #expect(request["required"] == ["prompt"])
    }

    @Test func keysAreDescribedWhereTheyAreNeeded() async throws {
        var fixture = try Fixture(saying: "x")
        #expect(try await document(fixture)["components"]["securitySchemes"].isUndefined)
        fixture.configuration.apiKeys = ["k"]
        let answer = try await fixture.get(
            "/openapi.json",
            headers: [.authorization: "Bearer k"]
        )
        let paths = answer.json["paths"]
        #expect(paths["/v1/models"]["get"]["security"] == [["key": []]])
        #expect(!paths["/v1/models"]["get"]["responses"]["401"].isUndefined)
        #expect(paths["/health"]["get"]["security"].isUndefined)
        #expect(try await fixture.get("/openapi.json").status == 401)
    }
}
