import Inference
import Kernels
import Logging
import Models
import Scheduling
import Testing

/// How long a sequence may get when the KV pool is small.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct ContextLengthTests {
    private func start(maxModelLength: Int?, blockCount: Int) async throws -> Engine {
        try await Engine.start(
            EngineOptions(
                modelPath: try #require(TestModel.path),
                model: ModelOptions(
                    maxModelLength: maxModelLength,
                    batchedTokenCount: 16,
                    sequenceCount: 2,
                    blockCount: blockCount
                )
            ),
            logger: Logger(label: "test")
        )
    }

    @Test func withoutALengthItIsWhatThePoolHolds() async throws {
        let engine = try await start(maxModelLength: nil, blockCount: 4)
        #expect(engine.properties.maxModelLength == 64)
        #expect(engine.properties.trainedLength == 8192)
        // A request that ends with the pool's last slot.
        var request = sampleRequest(0, promptLength: 60)
        request.stopping.maxTokens = 4
        #expect(try await engine.run(request).only.count == 4)
        await engine.shutDown(grace: .zero)
    }

    @Test func aLengthThatFitsIsKept() async throws {
        let engine = try await start(maxModelLength: 64, blockCount: 4)
        #expect(engine.properties.maxModelLength == 64)
        await engine.shutDown(grace: .zero)
    }

    @Test func aLengthThatDoesNotFitIsRefusedWithWhatWould() async throws {
        do {
            _ = try await start(maxModelLength: 65, blockCount: 4)
            Issue.record("65 tokens in a pool of 64")
        } catch {
            #expect("\(error)".contains("Lower --max-model-len to 64"))
            #expect("\(error)".contains("--kv-cache-dtype q8_0"))
        }
    }

    /// What is built again after the device was lost must hold every block the scheduler knows.
    @Test func aRebuiltEngineKeepsItsPoolAndItsLength() {
        let properties = EngineProperties(
            deviceName: "",
            driverName: "",
            architecture: "llama",
            maxModelLength: 64,
            vocabularySize: 10,
            blockSize: 16,
            blockCount: 4,
            maxChoiceCount: 1
        )
        let options = EngineOptions(modelPath: "model.gguf").keeping(properties)
        #expect(options.model.blockCount == 4)
        #expect(options.model.maxModelLength == 64)
        #expect(options.modelPath == "model.gguf")
    }

    @Test func eightBitsHoldAlmostTwiceAsMuch() {
        #expect(KVFormat.f16.rowByteCount(headSize: 64) == 128)
        #expect(KVFormat.q8_0.rowByteCount(headSize: 64) == 68)
    }
}
