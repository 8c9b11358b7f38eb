import Checkpoints
import Inference
import Kernels
import Logging
import Models
import Scheduling
import Testing
import Vulkan

/// An engine whose model is split over two devices, which here are the same hardware.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct PipelineTests {
    private static let two = DeviceChoice("auto,auto")

    /// Requests that run together, mixing prompts in chunks with single tokens, sampled and greedy;
    /// the last with rules for its logits.
    private func requests() -> [GenerationRequest] {
        var requests = [70, 3, 33, 120].enumerated().map { index, length in
            sampleRequest(index, promptLength: length, maxTokens: 30)
        }
        requests[0].promptLogprobCount = 1
        requests[2].choiceCount = 2
        requests[3].rules.repetitionPenalty = 1.3
        return requests
    }

    @Test func tokensAndLogprobsAreThoseOfOneDevice() async throws {
        let one = try await TestModel.start(batchedTokenCount: 32, cachesPrefixes: false)
        #expect(one.properties.layerSplit == nil)
        let expected = try await one.run(requests())
        await one.shutDown(grace: .zero)

        let engine = try await TestModel.start(
            device: Self.two,
            layerSplit: [2, 1],
            batchedTokenCount: 32,
            cachesPrefixes: false
        )
        #expect(engine.properties.layerSplit == [4, 2])
        #expect(engine.properties.deviceName == "2 x \(one.properties.deviceName)")
        #expect(engine.properties.driverName == one.properties.driverName)
        let found = try await engine.run(requests())
        for index in expected.indices {
            #expect(found[index] == expected[index], "request \(index)")
        }
        try await engine.waitUntilIdle()
        let statistics = engine.statistics
        #expect(statistics.deviceBusySeconds > 0)
        #expect(statistics.deviceIdleShare > 0 && statistics.deviceIdleShare < 1)
        await engine.shutDown(grace: .zero)
    }

    /// Blocks are the same everywhere, so copies of shared ones and cached prefixes are too.
    @Test func cachedPrefixesAndPreemptionChangeNothing() async throws {
        let engine = try await TestModel.start(
            device: Self.two,
            blockCount: 10,
            batchedTokenCount: 32
        )
        #expect(engine.properties.layerSplit == [3, 3])
        let request = sampleRequest(4, promptLength: 66, maxTokens: 12)
        let first = try await engine.run(request)
        _ = try await engine.run(requests())
        var second = try await engine.run(request)
        second.cachedTokenCount = 0
        #expect(first == second)
        #expect(engine.statistics.preemptionCount > 0)
        await engine.shutDown(grace: .zero)
    }

    /// No device has the other's layers; both have the embedding, which is the output matrix too.
    @Test func eachDeviceHoldsItsPartOnly() throws {
        let file = try GGUFFile(path: try #require(TestModel.path))
        let limits = ModelOptions(
            maxModelLength: 256,
            batchedTokenCount: 16,
            sequenceCount: 4,
            blockCount: 64
        )
        func byteCounts(_ device: DeviceChoice) throws -> [Int] {
            let options = EngineOptions(modelPath: file.path, device: device, cacheFolder: nil)
            let libraries = try options.openLibraries()
            let runner = try ModelRunner(file, libraries, limits)
            return withExtendedLifetime(runner) { libraries.map(\.device.allocatedByteCount) }
        }
        let whole = try byteCounts(.best)[0]
        let parts = try byteCounts(Self.two)
        #expect(parts.allSatisfy { $0 < whole * 4 / 5 }, "\(parts) of \(whole)")
    }

    @Test func devicesThatAreNotThereAreNamedInWords() async throws {
        let instance = try Instance()
        let count = try instance.physicalDevices().count
        do {
            _ = try instance.selectDevices(.best, count: count + 1)
            Issue.record("\(count + 1) of \(count) devices")
        } catch {
            #expect("\(error)".contains("needs \(count + 1) devices"))
            #expect("\(error)".contains("--device 0,0"))
        }
        #expect(throws: VulkanError.self) { try instance.selectDevices(Self.two, count: 3) }
        let pair = try instance.selectDevices(Self.two)
        #expect(pair.count == 2 && pair[0].properties.name == pair[1].properties.name)
        // A name with a comma is one device.
        let name = DeviceChoice(pair[0].properties.name)
        #expect(try instance.selectDevices(name).count == 1)
    }
}
