import Checkpoints
public import Kernels
import Vulkan

/// A smaller model that guesses tokens for a `ModelRunner`, in its steps and on its blocks.
///
/// Its keys and values are in blocks of the same ids, so block tables, slots and copies hold for
/// both. What it draws stays on the device, where its own next step and the model's take it from.
public final class DraftModel {
    private let runner: ModelRunner
    /// For each step on its way, the inputs of the draft model's steps but the first, which takes
    /// those of the runner.
    private var inputs: [[StepInputs]] = []

    /// Loads a checkpoint, all but its KV cache.
    /// - Parameters:
    ///   - options: the model's own, with a `maxModelLength`.
    ///   - mostDrafts: the most guesses for one sequence in a step.
    /// - Throws: what `ModelRunner` throws, and `DraftModelError`.
    public init(
        _ file: any ModelCheckpoint,
        _ library: KernelLibrary,
        _ options: ModelOptions,
        mostDrafts: Int
    ) throws {
        precondition(mostDrafts >= 1, "\(mostDrafts) guesses")
        var own = options
        // Beside the model's tokens, one that it has and the draft model has not, of each sequence.
        own.batchedTokenCount =
            options.batchedTokenCount(on: [library.device]) + options.sequenceCount
        own.blockCount = 0
        own.layerSplit = nil
        runner = try ModelRunner(file, library, own)
        let length = options.maxModelLength ?? 0
        guard runner.configuration.contextLength >= length else {
            throw DraftModelError.contextTooShort(
                file: file.path,
                contextLength: runner.configuration.contextLength,
                modelLength: length
            )
        }
        let limits = StepLimits(
            tokenCount: options.sequenceCount,
            sequenceCount: options.sequenceCount,
            blockTableCount: runner.limits.blockTableCount
        )
        let tiling = stage.inputs[0].tiling
        for _ in 0..<ModelRunner.depth {
            inputs.append(
                try (1..<mostDrafts).map { _ in
                    try StepInputs(library.device, limits: limits, tiling: tiling)
                }
            )
        }
    }

    /// All its layers are on one device.
    private var stage: Stage { runner.stages[0] }

    /// Bytes a KV block takes in all layers.
    var blockByteCount: Int {
        KVCache.blockByteCount(
            shape: runner.model.shape,
            layerCount: runner.configuration.layerCount
        )
    }

    /// Makes the KV cache, of as many blocks as the model's.
    func allocateCache(blockCount: Int) throws(VulkanError) {
        try runner.allocateCache(blockCount: blockCount)
    }

    /// Records the draft model's steps before a step of the model.
    /// - Parameters:
    ///   - batches: the draft model's steps, in order.
    ///   - slot: the model's step among those on their way.
    ///   - tokens: uint[], what the host may not have seen yet; what is drawn goes there too.
    ///   - firstRow: where what is drawn begins.
    func record(
        _ batches: [StepBatch],
        slot: Int,
        tokens: BufferSlice,
        firstRow: Int,
        into recorder: inout KernelRecorder
    ) throws(VulkanError) {
        precondition(
            batches[0].tokens.count <= runner.limits.tokenCount
                && batches.count <= 1 + inputs[slot].count,
            "\(batches.count) steps of a draft model, the first of "
                + "\(batches[0].tokens.count) tokens"
        )
        var count = 0
        for (index, batch) in batches.enumerated() {
            let inputs = write(batch, to: index, slot: slot)
            runner.cache.copy(batch.copies, into: &recorder.recording)
            let step = ModelStep(
                inputs: inputs,
                activations: runner.activations,
                cache: runner.cache,
                samples: tokens,
                previousSamples: tokens,
                arrival: nil,
                departure: nil
            )
            try runner.model.record(into: &recorder, step)
            guard !batch.samples.isEmpty else { continue }
            let drawn = 4 * batch.samples.count
            try recorder.sample(
                runner.activations.logits,
                rows: inputs.samples,
                sampleCount: batch.samples.count,
                into: tokens.slice(at: 4 * (firstRow + count), byteCount: drawn)
            )
            count += batch.samples.count
        }
    }

    /// Fills the inputs of the draft model's `index`-th step; the device is done with them.
    private func write(_ batch: StepBatch, to index: Int, slot: Int) -> StepInputs {
        if index == 0 {
            stage.inputs[slot].write(batch, samplingRows: batch.samples)
            return stage.inputs[slot]
        }
        inputs[slot][index - 1].write(batch, samplingRows: batch.samples)
        return inputs[slot][index - 1]
    }
}

/// Why a model cannot guess for another.
public enum DraftModelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It has other tokens.
    case otherVocabulary(file: String, detail: String)
    /// Sequences may be longer than it was made for.
    case contextTooShort(file: String, contextLength: Int, modelLength: Int)
    /// The model's layers are on several devices.
    case severalDevices(Int)

    public var description: String {
        switch self {
        case .otherVocabulary(let file, let detail):
            "\(file) cannot guess tokens for the model: \(detail). A draft model must have the "
                + "model's own vocabulary, token for token."
        case .contextTooShort(let file, let contextLength, let modelLength):
            "\(file) cannot guess tokens for the model: it was made for sequences of "
                + "\(contextLength) tokens, and the model's may have \(modelLength). Lower "
                + "--max-model-len to \(contextLength), or take another draft model."
        case .severalDevices(let count):
            "A draft model guesses for a model on one device, and this one is on \(count). Leave "
                + "out --pipeline-parallel-size, or have tokens looked up (the method ngram)."
        }
    }
}
