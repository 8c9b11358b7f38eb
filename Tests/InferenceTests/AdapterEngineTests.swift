import Foundation
import Inference
import Kernels
import Models
import Scheduling
import Testing

/// Adapters of the demo model in the engine.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct AdapterEngineTests {
    /// Tokens and logprobs, to the bit, of requests with two adapters and with none. CPU drivers
    /// take minutes to compile the GPU family's kernels for this model; ModelsTests has both.
    @Test func requestsOfOneBatchHaveTheirOwnAdapters() async throws {
        try await withAdapters { folder in
            let requests = [17, 1, 33, 5].enumerated().map { index, length in
                sampleRequest(index, promptLength: length, maxTokens: 6)
            }
            let plain = try await TestModel.start(
                batchedTokenCount: 24,
                cachesPrefixes: false
            )
            var expected: [Generated] = []
            for request in requests { expected.append(try await plain.run(request)) }
            await plain.shutDown(grace: .zero)

            let engine = try await TestModel.start(
                batchedTokenCount: 24,
                cachesPrefixes: false,
                adapters: AdapterLimits(count: 2, maxRank: 8)
            )
            let a = try await engine.loadAdapter(name: "a", path: folder + "/a", replacing: false)
            let b = try await engine.loadAdapter(name: "b", path: folder + "/b", replacing: false)
            var adapted = requests
            for (index, adapter) in [a.id, nil, b.id, nil].enumerated() {
                adapted[index].adapter = adapter
            }
            for index in [0, 2] {
                let own = try await engine.run(adapted[index])
                #expect(own.logprobs != expected[index].logprobs, "request \(index)")
                expected[index] = own
            }
            try await withThrowingTaskGroup(of: (Int, Generated).self) { group in
                for (index, request) in adapted.enumerated() {
                    group.addTask { (index, try await engine.run(request)) }
                }
                for try await (index, result) in group {
                    #expect(result == expected[index], "request \(index)")
                }
            }
            await engine.shutDown(grace: .zero)
        }
    }

    @Test func aPrefixIsNeverTakenFromAnotherAdapter() async throws {
        try await withAdapters { folder in
            let engine = try await TestModel.start(adapters: AdapterLimits(count: 2))
            func load(_ name: String, _ path: String) async throws -> AdapterID {
                try await engine.loadAdapter(name: name, path: folder + path, replacing: true).id
            }
            func cached(_ adapter: AdapterID?, salt: String? = nil) async throws -> Int {
                var request = sampleRequest(4, promptLength: 66, maxTokens: 2)
                request.adapter = adapter
                request.cacheSalt = salt
                return try await engine.run(request).cachedTokenCount
            }
            let (a, b) = (try await load("a", "/a"), try await load("b", "/b"))
            for adapter in [nil, a, b] {
                #expect(try await cached(adapter) == 0)
                #expect(try await cached(adapter) == 64)
                #expect(try await cached(adapter, salt: "x") == 0)
            }
            // What a client may call its salt does not make it another adapter's.
            #expect(try await cached(nil, salt: "adapter \(a.rawValue) ") == 0)
            // The same name again is another adapter.
            #expect(try await cached(load("a", "/b")) == 0)
            #expect(try await cached(b) == 64)
            await engine.shutDown(grace: .zero)
        }
    }

    @Test func adaptersComeAndGoWhileRequestsRun() async throws {
        try await withAdapters { folder in
            let engine = try await TestModel.start(
                cachesPrefixes: false,
                adapters: AdapterLimits(count: 1)
            )
            func load(_ path: String, replacing: Bool = false) async throws -> LoadedAdapter {
                try await engine.loadAdapter(
                    name: "x",
                    path: folder + path,
                    replacing: replacing
                )
            }
            let first = try await load("/a")
            #expect(engine.adapters == [first])
            #expect(engine.properties.adapterLimit == 1)
            await #expect(throws: AdapterChangeError.nameTaken("x")) { try await load("/b") }
            var request = sampleRequest(2, promptLength: 20, maxTokens: 12)
            request.adapter = first.id
            let expected = try await engine.run(request)

            // One that goes on long enough for all of this, and is dropped then.
            var longer = request
            longer.stopping = StopConditions(maxTokens: 1000)
            var result = Generated()
            for await event in try engine.generate(longer) {
                guard case .token(_, let token) = event else { continue }
                result.tokens[0, default: []].append(token.id)
                if result.only.count == expected.only.count { break }
                guard result.only.count == 2 else { continue }
                #expect(engine.statistics.adapters?.running == ["x"])
                // In its place there is no room while the request has it, ...
                await #expect(throws: AdapterChangeError.noRoom(limit: 1, names: ["x"])) {
                    try await load("/b", replacing: true)
                }
                // ... and it may go from what is offered, but not from the request.
                try await engine.unloadAdapter(name: "x")
                #expect(engine.adapters.isEmpty)
                await #expect(throws: AdapterChangeError.noRoom(limit: 1, names: ["x"])) {
                    try await load("/b")
                }
            }
            #expect(result.only == expected.only)
            try await engine.waitUntilIdle()
            let second = try await load("/b")
            #expect(engine.adapters == [second])
            await #expect(throws: EngineError.adapterGone) { try await engine.run(request) }
            request.adapter = second.id
            #expect(try await engine.run(request).logprobs != expected.logprobs)
            try await engine.waitUntilIdle()
            #expect(engine.statistics.adapters == AdapterStatistics(limit: 1))
            let third = try await load("/a", replacing: true)
            request.adapter = third.id
            #expect(try await engine.run(request) == expected)
            await engine.shutDown(grace: .zero)
            await #expect(throws: AdapterChangeError.unavailable(.draining)) {
                try await engine.unloadAdapter(name: "x")
            }
        }
    }

    @Test func whatIsNoAdapterIsRefused() async throws {
        try await withAdapters { folder in
            let engine = try await TestModel.start(adapters: AdapterLimits(count: 1, maxRank: 3))
            func message(_ path: String) async -> String {
                do throws(AdapterChangeError) {
                    _ = try await engine.loadAdapter(name: "x", path: path, replacing: false)
                    return ""
                } catch {
                    return error.description
                }
            }
            #expect(await message(folder + "/none").hasPrefix("No adapter found for"))
            #expect(
                await message(folder + "/a").contains(
                    "the adapter's rank is 4, the limit is 3. Start the server with a higher "
                        + "--max-lora-rank."
                )
            )
            #expect(
                await message(try #require(TestModel.path))
                    .contains("its general.type is `model`, not `adapter`")
            )
            #expect(engine.adapters.isEmpty)
            await #expect(throws: AdapterChangeError.unknown("x")) {
                try await engine.unloadAdapter(name: "x")
            }
            await engine.shutDown(grace: .zero)
        }
    }

    /// Runs `body` with a folder that has two adapters, `a` and `b`.
    private func withAdapters(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("pumice-adapters-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try RandomAdapter(seed: 1).write(folder + "/a")
        try RandomAdapter(seed: 2).write(folder + "/b")
        try await body(folder)
    }
}
