import Foundation
import Inference
import Kernels
import Logging
import Models
import Scheduling
import Synchronization
import Testing
import Vulkan

/// The demo model and the reference outputs, where they are.
enum TestModel {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let environment = ProcessInfo.processInfo.environment

    /// The demo model's file, if it has been fetched.
    static let path: String? = firstExisting([
        environment["PUMICE_TEST_MODEL"],
        repository.appendingPathComponent(".models/SmolLM2-135M-Instruct.Q4_1.gguf").path,
    ])

    /// Its first layers only, for all tests but those of what it says: every kernel and every part
    /// of the engine has the same to do in a third of the time. The file lives as long as the
    /// tests.
    static let first: String? = path.flatMap { path in
        guard let model = try? ShortenedModel(of: path, layerCount: firstLayerCount) else {
            return nil
        }
        firstFile.withLock { $0 = model }
        atexit { TestModel.firstFile.withLock { $0?.remove() } }
        return model.path
    }
    static let firstLayerCount = 6
    private static let firstFile = Mutex<ShortenedModel?>(nil)

    /// Gemma 3 270M in Q4_K_M, if it has been fetched.
    static let gemma: String? = firstExisting([
        environment["PUMICE_TEST_GEMMA_MODEL"],
        repository.appendingPathComponent(".models/gemma-3-270m-q4_k_m.gguf").path,
    ])

    /// The folder of reference outputs, if it is there.
    static let goldens: String? = firstExisting([
        environment["PUMICE_SHARED"].map { $0 + "/golden" },
        repository.deletingLastPathComponent().appendingPathComponent("shared/golden").path,
    ])

    /// Whether there is a device that can run it.
    static let hasDevice: Bool = {
        guard let instance = try? Instance() else { return false }
        return (try? instance.selectDevice(.best)) != nil
    }()

    static var isThere: Bool { path != nil && hasDevice }
    static let why: Comment = "needs the demo model (Scripts/fetch-model) and a Vulkan device"

    /// Starts an engine on its first layers or another model, with the pool and the limits a test
    /// wants.
    static func start(
        path: String? = TestModel.first,
        device: DeviceChoice = .best,
        layerSplit: [Int]? = nil,
        blockCount: Int = 512,
        sequenceCount: Int = 16,
        batchedTokenCount: Int = 256,
        maxModelLength: Int = 2048,
        cachesPrefixes: Bool = true,
        drafting: DraftPolicy? = nil,
        draftModel: String? = nil,
        waitingRequestCount: Int = 256,
        kvFormat: KVFormat = .f16,
        kernelFamily: KernelFamily? = nil,
        adapters: AdapterLimits? = nil
    ) async throws -> Engine {
        try await Engine.start(
            EngineOptions(
                modelPath: try #require(path),
                device: device,
                model: ModelOptions(
                    maxModelLength: min(maxModelLength, 16 * blockCount),
                    batchedTokenCount: batchedTokenCount,
                    sequenceCount: sequenceCount,
                    blockCount: blockCount,
                    kvFormat: kvFormat,
                    layerSplit: layerSplit,
                    adapters: adapters
                ),
                cachesPrefixes: cachesPrefixes,
                drafting: drafting,
                draftModelPath: draftModel,
                waitingRequestCount: waitingRequestCount,
                validation: environment["PUMICE_VALIDATION"] == "1",
                kernelFamily: kernelFamily,
                isBatchInvariant: true
            ),
            logger: Logger(label: "test")
        )
    }

    private static func firstExisting(_ paths: [String?]) -> String? {
        paths.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }
    }
}
