import Foundation
import ModelStore
import Testing

/// Repositories of a hub, which is a server on loopback.
struct HubTests {
    static let commit = String(repeating: "0123abcd", count: 5)
    static let weights = someBytes(300_000)
    static let config = Array("{\"model_type\": \"llama\"}".utf8)

    private let folder: TemporaryFolder
    private var configuration: StoreConfiguration

    init() throws {
        folder = try TemporaryFolder()
        configuration = quickConfiguration(folder)
        configuration.token = "hf_secret"
    }

    static func listing(_ files: [(String, [UInt8])]) -> [UInt8] {
        let siblings = files.map { name, bytes in
            let lfs =
                name.hasSuffix(".json")
                ? "" : ",\"lfs\":{\"sha256\":\"\(digest(bytes))\",\"size\":\(bytes.count)}"
            return "{\"rfilename\":\"\(name)\",\"size\":\(bytes.count)\(lfs)}"
        }
        return Array(
            "{\"sha\":\"\(commit)\",\"siblings\":[\(siblings.joined(separator: ","))]}".utf8
        )
    }

    /// A hub with one repository, whose large files are on another server.
    private static func hub(
        _ files: [(String, [UInt8])],
        storage: FaultServer? = nil
    ) throws -> FaultServer {
        try FaultServer { request in
            if request.path.hasPrefix("/api/models/") {
                let path = "/api/models/own/name/revision/main?blobs=true"
                return request.path == path ? .init(200, listing(files)) : .init(404)
            }
            for (name, bytes) in files
            where request.path == "/own/name/resolve/\(commit)/\(name)" {
                guard let storage, !name.hasSuffix(".json") else { return .file(bytes, request) }
                let location = storage.address("/store/\(name)?sign=1", host: "localhost")
                return .init(302, [], headers: ["Location": location])
            }
            return .init(404)
        }
    }

    @Test func aFolderArrivesWhole() async throws {
        let files = [
            ("config.json", Self.config), ("model.safetensors", Self.weights),
            ("original/consolidated.pth", [1]), (".gitattributes", [2]), ("README.md", [3]),
        ]
        let storage = try FaultServer { .file(Self.weights, $0) }
        let server = try Self.hub(files, storage: storage)
        defer {
            server.stop()
            storage.stop()
        }
        var configuration = configuration
        configuration.endpoint = server.address("")
        let seen = Shared<[DownloadProgress]>([])
        let model = try await ModelStore(configuration).model("own/name") { progress in
            seen.change { $0.append(progress) }
        }
        #expect(model.name == "own/name")
        #expect(try contents(model.path + "/config.json") == Self.config)
        #expect(try contents(model.path + "/model.safetensors") == Self.weights)
        #expect(folder.files.filter { $0.contains("pth") || $0.contains("README") }.isEmpty)
        let total = Int64(Self.config.count + Self.weights.count)
        #expect(seen.value.allSatisfy { $0.totalByteCount == total })
        #expect(seen.value.map(\.receivedByteCount).max() == total)
        // The hub sees the token, the other server does not.
        #expect(server.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
        #expect(!storage.requests.isEmpty)
        #expect(storage.requests.allSatisfy { $0.headers["authorization"] == nil })
    }

    @Test func oneQuantisationOfManyArrives() async throws {
        let files = [("m-Q4_K_M.gguf", Self.weights), ("m-Q8_0.gguf", [1, 2, 3] as [UInt8])]
        let server = try Self.hub(files)
        defer { server.stop() }
        var configuration = configuration
        configuration.endpoint = server.address("")
        let model = try await ModelStore(configuration).model("own/name:q8_0")
        #expect(try contents(model.path) == [1, 2, 3])
        let usual = try await ModelStore(configuration).model("hf://own/name")
        #expect(try contents(usual.path) == Self.weights)
        let error = await #expect(throws: ModelStoreError.self) {
            try await ModelStore(configuration).model("own/name:Q2_K")
        }
        #expect(error?.description.contains("m-Q8_0.gguf") == true)
    }

    @Test func whatIsHereIsServedWhileTheHubIsAway() async throws {
        let server = try Self.hub([("m.gguf", Self.weights)])
        var configuration = configuration
        configuration.endpoint = server.address("")
        let model = try await ModelStore(configuration).model("own/name")
        #expect(model.notice == nil)
        server.stop()
        let again = try await ModelStore(configuration).model("own/name")
        #expect(again.path == model.path)
        #expect(again.notice?.contains("is used as it is") == true)
        configuration.isOffline = true
        #expect(try await ModelStore(configuration).model("own/name") == model)
        let error = await #expect(throws: ModelStoreError.self) {
            try await ModelStore(configuration).model("own/other")
        }
        #expect(error?.description.contains("HF_HUB_OFFLINE") == true)
    }

    @Test func aRefusalOfTheHubIsNotHiddenByWhatIsHere() async throws {
        let isGated = Shared(false)
        let server = try FaultServer { request in
            if isGated.value { return .init(403) }
            if request.path.hasPrefix("/api/") {
                return .init(200, Self.listing([("m.gguf", [1])]))
            }
            return .file([1], request)
        }
        defer { server.stop() }
        var configuration = configuration
        configuration.endpoint = server.address("")
        _ = try await ModelStore(configuration).model("own/name")
        isGated.value = true
        let error = await #expect(throws: ModelStoreError.self) {
            try await ModelStore(configuration).model("own/name")
        }
        #expect(error?.description.contains("licence") == true)
    }

    @Test func redirectsEndSomewhere() async throws {
        let server = try FaultServer { request in
            .init(302, [], headers: ["Location": "/again\(request.index)"])
        }
        defer { server.stop() }
        let error = await #expect(throws: ModelStoreError.self) {
            try await ModelStore(configuration).model(server.address("/m.gguf"))
        }
        #expect(error?.description.contains("more than 10 times") == true)
        let lost = try FaultServer { _ in .init(302) }
        defer { lost.stop() }
        let other = await #expect(throws: ModelStoreError.self) {
            try await ModelStore(configuration).model(lost.address("/m.gguf"))
        }
        #expect(other?.description.contains("without a Location") == true)
    }

    @Test func anAnswerThatNeverEndsIsCutOff() async throws {
        let server = try FaultServer { _ in
            var reply = FaultServer.Reply(200, Array("{".utf8))
            (reply.announced, reply.isEndless) = (nil, true)
            return reply
        }
        defer { server.stop() }
        var configuration = configuration
        configuration.endpoint = server.address("")
        configuration.limits.listingByteCount = 1 << 20
        let error = await #expect(throws: ModelStoreError.self) {
            try await ModelStore(configuration).model("own/name")
        }
        #expect(error?.description.contains("longer than 1048576 bytes") == true)
    }

    @Test func tokensThatAreNoneAreNotSent() async throws {
        let server = try FaultServer { _ in .init(404) }
        defer { server.stop() }
        var configuration = configuration
        configuration.endpoint = server.address("")
        configuration.token = "a\r\nX-Other: b"
        await #expect(throws: ModelStoreError.self) {
            try await ModelStore(configuration).model("own/name")
        }
        #expect(server.requests.isEmpty)
    }
}
