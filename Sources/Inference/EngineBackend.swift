import Checkpoints
import Foundation
import Kernels
import Models
import Scheduling
import ShaderParams
import Vulkan

/// The device and the model on it: what is lost, and built again, when the device is lost.
final class EngineBackend {
    let runner: ModelRunner
    let properties: EngineProperties
    private let device: Device

    /// Opens the device and loads the model.
    /// - Parameter note: called with what a user should know of the weights.
    init(
        _ options: EngineOptions,
        note: (String) -> Void = { _ in },
        progress: @escaping (Double) -> Void
    ) throws {
        let file = try openModelCheckpoint(
            path: options.modelPath,
            quantization: options.model.quantization
        )
        file.notes.forEach(note)
        let instance = try Instance(validation: options.validation)
        let physical = try instance.selectDevice(options.device)
        device = try Device(
            physical,
            pipelineCacheFile: PipelineCache.file(for: physical, in: options.cacheFolder)
        )
        let library = KernelLibrary(
            device,
            family: options.kernelFamily,
            isBatchInvariant: options.isBatchInvariant,
            choices: KernelChoices(
                file: KernelChoices.file(for: physical, in: options.cacheFolder)
            )
        )
        runner = try ModelRunner(file, library, options.model, progress: progress)
        runner.profiles = options.profiles
        properties = EngineProperties(
            deviceName: device.properties.name,
            driverName: device.properties.driver,
            architecture: runner.configuration.architecture,
            maxModelLength: runner.maxModelLength,
            trainedLength: runner.configuration.contextLength,
            vocabularySize: runner.configuration.vocabularySize,
            blockSize: options.model.blockSize,
            blockCount: runner.cache.blockCount,
            kvFormat: options.model.kvFormat.rawValue,
            isBatchInvariant: library.isBatchInvariant,
            maxChoiceCount: min(options.maxChoiceCount, options.model.sequenceCount)
        )
    }

    /// Compiles the pipelines of the common step sizes, so that the first requests do not wait for
    /// them, and keeps them on disk.
    /// - Parameter progress: called with the share that is done, 0 to 1.
    func warmUp(
        limits: StepLimits,
        progress: (Double) -> Void
    ) throws(VulkanError) {
        let most = min(limits.tokenCount, limits.sequenceCount)
        let counts = [1, 2, 4, 8, 16].filter { $0 <= most }
        for (index, count) in counts.enumerated() {
            progress(Double(index) / Double(counts.count))
            let batch = StepBatch.warmUp(
                tokenCount: count,
                vocabularySize: properties.vocabularySize
            )
            _ = try runner.finish(runner.start(batch))
        }
        device.savePipelineCache()
    }
}

extension StepBatch {
    /// A step of single tokens that all write to block 0, before anything of value is there.
    static func warmUp(tokenCount: Int, vocabularySize: Int) -> StepBatch {
        var batch = StepBatch()
        for index in 0..<tokenCount {
            batch.tokens.append(0)
            batch.positions.append(0)
            batch.slotMapping.append(0)
            batch.runs.append(Run(firstToken: index, tokenCount: 1, blockTable: [0]))
            batch.logitsRows.append(UInt32(index))
            batch.samples.append(.init(.greedy, logitsRow: index, outputIndex: 0))
        }
        // Kernels that only some requests need.
        batch.edits.append(SampleEdit(sample: 0))
        if tokenCount > 1 {
            var masked = SampleEdit(sample: 1)
            masked.mask = TokenMask(vocabularySize: vocabularySize, allowing: [0])
            batch.edits.append(masked)
        }
        batch.logprobs.append(
            LogprobRow(logitsRow: 0, token: LogprobRow.sampledFlag, topCount: 0)
        )
        return batch
    }
}
