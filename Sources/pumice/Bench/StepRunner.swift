import Checkpoints
import Inference
import Kernels
import Models
import ShaderParams
import Vulkan

/// A model whose steps are run one by one, without the engine: what a step of a certain kind costs
/// its device, or its devices in sum.
final class StepRunner {
    /// Of several devices the first.
    let library: KernelLibrary
    let runner: ModelRunner
    /// Bytes of weights a step reads; of the embedding only rows, where the output has its own.
    let weightByteCount: Int
    /// Weights a token is multiplied by.
    let weightCount: Int
    private let blockSize: Int

    /// - Parameters:
    ///   - sequences: the most a step will hold.
    ///   - contextLength: the most tokens a sequence will hold.
    ///   - promptLength: the most tokens of a prompt's step.
    init(_ options: EngineOptions, sequences: Int, contextLength: Int, promptLength: Int) throws {
        let file = try openModelCheckpoint(
            path: options.modelPath,
            quantization: options.model.quantization
        )
        let libraries = try options.openLibraries()
        library = libraries[0]
        var model = options.model
        blockSize = model.blockSize
        model.sequenceCount = sequences
        model.maxModelLength = contextLength
        model.batchedTokenCount = max(sequences, promptLength)
        model.blockCount = sequences * ((contextLength + blockSize - 1) / blockSize)
        runner = try ModelRunner(file, libraries, model)
        let hasOutput = file.tensor(named: "output.weight") != nil
        let embedding = file.tensor(named: "token_embd.weight")
        let used = file.tensors.filter { !(hasOutput && $0 == embedding) }
        weightByteCount = used.reduce(0) { $0 + $1.byteCount }
        weightCount = used.reduce(0) { $0 + $1.elementCount }
    }

    var device: Device { library.device }

    /// Bytes of keys and values that a step of single tokens reads.
    func cacheByteCount(sequences: Int, contextLength: Int) -> Int {
        let perBlock = KVCache.blockByteCount(
            shape: runner.cache.shape,
            layerCount: runner.configuration.layerCount
        )
        return sequences * contextLength * perBlock / blockSize
    }

    /// A step in which each of `sequences` computes its last token, greedy.
    func decode(sequences: Int, contextLength: Int) -> StepBatch {
        var batch = StepBatch()
        for sequence in 0..<sequences {
            append(to: &batch, sequence, positions: contextLength - 1..<contextLength)
        }
        return batch
    }

    /// A step that computes a whole prompt and its first token.
    func prompt(length: Int) -> StepBatch {
        var batch = StepBatch()
        append(to: &batch, 0, positions: 0..<length)
        return batch
    }

    private func append(to batch: inout StepBatch, _ sequence: Int, positions: Range<Int>) {
        let perSequence = (runner.maxModelLength + blockSize - 1) / blockSize
        let table = (0..<(positions.upperBound + blockSize - 1) / blockSize).map {
            UInt32(sequence * perSequence + $0)
        }
        batch.runs.append(
            StepBatch.Run(
                firstToken: batch.tokens.count,
                tokenCount: positions.count,
                blockTable: table
            )
        )
        for position in positions {
            batch.tokens.append(
                UInt32((position * 7919 + sequence * 104_729) % runner.configuration.vocabularySize)
            )
            batch.positions.append(UInt32(position))
            batch.slotMapping.append(
                table[position / blockSize] * UInt32(blockSize) + UInt32(position % blockSize)
            )
        }
        var row = SamplingRow()
        row.logitsRow = UInt32(batch.logitsRows.count)
        batch.samples.append(row)
        batch.logitsRows.append(UInt32(batch.tokens.count - 1))
    }

    /// The median of the seconds the device took for a step, after one run that compiles.
    func seconds(_ batch: StepBatch, repeats: Int) throws -> Double {
        var times: [Double] = []
        for run in 0...repeats {
            let pending = try runner.start(batch)
            _ = try runner.finish(pending)
            guard run > 0 else { continue }
            let spans = runner.spans(of: pending)
            guard !spans.isEmpty else {
                throw VulkanError.missingFeature(
                    device: device.properties.name,
                    feature: "timestamps, by which steps are timed"
                )
            }
            times.append(spans.reduce(0) { $0 + $1.seconds })
        }
        return times.sorted()[times.count / 2]
    }

    /// A step by kernel, after one run that compiles: the medians of the kernels' totals.
    func profile(_ batch: StepBatch, repeats: Int) throws -> StepProfile {
        runner.profiles = true
        defer { runner.profiles = false }
        var runs: [[DispatchTiming]] = []
        for run in 0...repeats {
            let pending = try runner.start(batch)
            _ = try runner.finish(pending)
            if run > 0 { runs.append(runner.timings(of: pending)) }
        }
        return StepProfile(runs, layerCount: runner.configuration.layerCount)
    }
}
