import Checkpoints
import Foundation
public import Kernels
import Models
import Scheduling
import ShaderParams
import Vulkan

/// The devices and the model on them: what is lost, and built again, when a device is lost.
final class EngineBackend {
    let runner: ModelRunner
    let properties: EngineProperties
    private let devices: [Device]

    /// Opens the devices and loads the model.
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
        let libraries = try options.openLibraries()
        devices = libraries.map(\.device)
        runner = try ModelRunner(
            file,
            libraries,
            options.model,
            draftModel: try Self.draftModel(for: file, libraries, options),
            progress: progress
        )
        runner.profiles = options.profiles
        properties = EngineProperties(
            deviceName: Self.list(devices.map(\.properties.name)),
            driverName: Self.list(devices.map(\.properties.driver), counted: false),
            layerSplit: devices.count > 1 ? runner.layerSplit : nil,
            architecture: runner.configuration.architecture,
            maxModelLength: runner.maxModelLength,
            trainedLength: runner.configuration.contextLength,
            vocabularySize: runner.configuration.vocabularySize,
            blockSize: options.model.blockSize,
            blockCount: runner.cache.blockCount,
            kvFormat: options.model.kvFormat.rawValue,
            isBatchInvariant: libraries.allSatisfy(\.isBatchInvariant),
            adapterLimit: options.model.adapters?.count ?? 0,
            maxChoiceCount: min(options.maxChoiceCount, options.model.sequenceCount)
        )
    }

    /// Names in their order; equal neighbours once, with their number.
    private static func list(_ names: [String], counted: Bool = true) -> String {
        var runs: [(name: String, count: Int)] = []
        for name in names {
            if runs.last?.name == name {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((name, 1))
            }
        }
        return runs.map { counted && $0.count > 1 ? "\($0.count) x \($0.name)" : $0.name }
            .joined(separator: ", ")
    }

    /// What reading adapters needs to know; nil if there is no room for any.
    var adapterReader: AdapterReader? {
        runner.adapters.map { AdapterReader(targets: $0.targets, maxRank: $0.limits.maxRank) }
    }

    /// Loads the model that guesses tokens for another, if there is one.
    private static func draftModel(
        for file: any ModelCheckpoint,
        _ libraries: [KernelLibrary],
        _ options: EngineOptions
    ) throws -> DraftModel? {
        guard let path = options.draftModelPath, let policy = options.drafting else { return nil }
        guard libraries.count == 1 else {
            throw DraftModelError.severalDevices(libraries.count)
        }
        let draft = try openModelCheckpoint(path: path, quantization: options.model.quantization)
        // The outermost extent of the embedding.
        let sizes = [file, draft].map { $0.tensor(named: "token_embd.weight")?.shape.first ?? 0 }
        guard sizes[0] == sizes[1] else {
            throw DraftModelError.otherVocabulary(
                file: path,
                detail: "it has \(sizes[1]) tokens and the model \(sizes[0])"
            )
        }
        var model = options.model
        // What the model was made for, where no length is asked for; a file that does not say so
        // is refused by the model's own loader.
        let trained = CacheGeometry(file.metadata)?.contextLength ?? 1
        model.maxModelLength = min(model.maxModelLength ?? trained, trained)
        return try DraftModel(draft, libraries[0], model, mostDrafts: policy.draftTokenCount)
    }

    /// Compiles the pipelines of the common step sizes, so that the first requests do not wait for
    /// them, and keeps them on disk.
    ///
    /// All of them at once, on all cores; then each size that has some of its own is run, for there
    /// are drivers that put off the last part of the work until then.
    /// - Parameter progress: called with the share that is done, 0 to 1.
    func warmUp(
        limits: StepLimits,
        progress: (Double) -> Void
    ) throws(VulkanError) {
        let most = min(limits.tokenCount, limits.sequenceCount)
        let counts = [1, 2, 4, 8, 16].filter { $0 <= most }
        let vocabularySize = properties.vocabularySize
        var batches = counts.map { count in
            var batch = StepBatch.warmUp(tokenCount: count, vocabularySize: vocabularySize)
            // Of which a draft model takes the tokens and the plain samples.
            if runner.hasDraftModel { batch.draftSteps = [batch] }
            return batch
        }
        if runner.adapters != nil {
            batches += counts.filter { $0 <= 2 }.map {
                .warmUp(tokenCount: $0, vocabularySize: vocabularySize, adapter: 0)
            }
        }
        progress(0)
        let new = try runner.compile(batches)
        for (index, batch) in new.enumerated() {
            progress(Double(index) / Double(new.count))
            _ = try runner.finish(runner.start(batch))
        }
        for device in devices { device.savePipelineCache() }
    }
}

extension EngineOptions {
    /// Opens the devices that are to have the model's layers, in their order.
    public func openLibraries() throws -> [KernelLibrary] {
        let instance = try Instance(validation: validation)
        return try instance.selectDevices(device, count: deviceCount).map { physical in
            let device = try Device(
                physical,
                pipelineCacheFile: PipelineCache.file(for: physical, in: cacheFolder)
            )
            return KernelLibrary(
                device,
                family: kernelFamily,
                isBatchInvariant: isBatchInvariant,
                choices: KernelChoices(file: KernelChoices.file(for: physical, in: cacheFolder))
            )
        }
    }
}

extension StepBatch {
    /// A step of single tokens that all write to block 0, before anything of value is there.
    /// - Parameter adapter: a slot of the pool, empty as yet.
    static func warmUp(
        tokenCount: Int,
        vocabularySize: Int,
        adapter: Int? = nil
    ) -> StepBatch {
        var batch = StepBatch()
        for index in 0..<tokenCount {
            batch.tokens.append(0)
            batch.positions.append(0)
            batch.slotMapping.append(0)
            batch.runs.append(
                Run(firstToken: index, tokenCount: 1, blockTable: [0], adapter: adapter)
            )
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
