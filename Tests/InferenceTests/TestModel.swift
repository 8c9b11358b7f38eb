import Foundation
import Inference
import Kernels
import Logging
import Models
import Scheduling
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

    /// Starts an engine on it, with the pool and the limits a test wants.
    static func start(
        path: String? = TestModel.path,
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
