import ArgumentParser
import Foundation
import Inference
import Kernels
import Models
import Scheduling
import Vulkan

/// The flags that say what to run and on what; spelled as vLLM spells them where they mean the
/// same.
struct EngineFlags: ParsableArguments {
    @Option(
        help: """
            The model: a GGUF file; for serve also what `pumice pull` takes, which is downloaded.
            """
    )
    var model: String

    @Option(
        help: """
            The Vulkan device: auto (a real GPU before a CPU driver), gpu (refuses CPU drivers), \
            cpu, a number from `pumice devices`, or part of a device's name. Several, with commas \
            between them, share the model's layers: 0,1.
            """
    )
    var device = "auto"

    @Option(
        help: """
            Over how many devices the model's layers are split: the best that fit --device, or \
            those it lists.
            """
    )
    var pipelineParallelSize: Int?

    @Option(
        help: """
            In which proportion the devices get the layers, such as 3,1; by default what leaves \
            the most room for the KV cache.
            """,
        transform: LayerShares.init
    )
    var layerSplit: LayerShares?

    @Option(
        help: """
            The most tokens a sequence may hold; by default what the model was trained for, or as \
            many as the KV cache holds if those are fewer.
            """
    )
    var maxModelLen: Int?

    @Option(help: "Sequences that run at once.")
    var maxNumSeqs = 64

    @Option(
        help: """
            Tokens computed in one step: the bound on how long running streams wait while a prompt \
            is computed; by default 512, on CPU drivers 128, and at least --max-num-seqs.
            """
    )
    var maxNumBatchedTokens: Int?

    @Option(help: "Tokens a KV block holds, a multiple of 4.")
    var blockSize = 16

    @Option(help: "KV blocks; by default as many as fit in the device's memory.")
    var numGpuBlocks: Int?

    @Option(help: "The share of the device's memory to use when --num-gpu-blocks is not given.")
    var gpuMemoryUtilization = 0.9

    @Option(
        help: "How the KV cache stores keys and values: f16, or q8_0 in about half the memory.",
        transform: KVFormat.named
    )
    var kvCacheDtype = KVFormat.f16

    @Option(
        help: Quantization.help,
        transform: Quantization.named
    )
    var quantization: Quantization?

    @Flag(
        help: """
            Give a request the same tokens and logprobs, to the bit, whatever shares its batch. \
            Always so on CPU drivers.
            """
    )
    var batchInvariant = false

    @Option(help: "Who runs first: fcfs or priority.")
    var schedulingPolicy = "fcfs"

    @Flag(
        inversion: .prefixedNo,
        help: "Keep computed prompt blocks for requests that begin alike."
    )
    var enablePrefixCaching = true

    @Option(
        help: """
            Guess tokens and check several in one step, as JSON: from what followed the same ones \
            before, {"method": "ngram", "num_speculative_tokens": 5}, or by a smaller model with \
            the same vocabulary, {"model": "draft.gguf", "num_speculative_tokens": 4}. Changes no \
            token, only speed.
            """,
        transform: { try SpeculativeConfig($0) }
    )
    var speculativeConfig: SpeculativeConfig?

    @Option(help: "Requests that may wait; more are turned away with 429.")
    var maxNumQueuedReqs = 256

    @Option(help: "Prompt tokens that may wait; more are turned away with 429.")
    var maxNumQueuedTokens = 1 << 20

    @Option(
        help: """
            The folder of compiled pipelines, which make the next start faster; by default pumice \
            in the user's cache.
            """
    )
    var cacheDir: String?

    @Flag(help: "Turn on the Khronos validation layer.")
    var validation = false

    mutating func validate() throws {
        for (flag, value, range) in [
            ("--max-model-len", maxModelLen ?? 2, 2...16_777_216),
            ("--pipeline-parallel-size", pipelineParallelSize ?? 1, 1...64),
            ("--max-num-seqs", maxNumSeqs, 1...4096),
            ("--max-num-batched-tokens", maxNumBatchedTokens ?? 1, 1...65_536),
            ("--block-size", blockSize, 4...256),
            ("--num-gpu-blocks", numGpuBlocks ?? 1, 1...100_000_000),
            ("--max-num-queued-reqs", maxNumQueuedReqs, 1...1_000_000),
            ("--max-num-queued-tokens", maxNumQueuedTokens, 1...1_000_000_000),
        ] where !range.contains(value) {
            throw ValidationError(
                "\(flag) is \(value); it must be in \(range.lowerBound)...\(range.upperBound)."
            )
        }
        guard blockSize % 4 == 0 else {
            throw ValidationError("--block-size is \(blockSize); it must be a multiple of 4.")
        }
        if let maxNumBatchedTokens, maxNumBatchedTokens < maxNumSeqs {
            throw ValidationError(
                "--max-num-batched-tokens (\(maxNumBatchedTokens)) must be at least --max-num-seqs "
                    + "(\(maxNumSeqs)): every running sequence takes a token a step."
            )
        }
        guard gpuMemoryUtilization > 0, gpuMemoryUtilization <= 1 else {
            throw ValidationError(
                "--gpu-memory-utilization is \(gpuMemoryUtilization); it must be in (0, 1]."
            )
        }
        guard ["fcfs", "priority"].contains(schedulingPolicy) else {
            throw ValidationError(
                "--scheduling-policy is `\(schedulingPolicy)`; it must be fcfs or priority."
            )
        }
    }

    /// What these flags ask of the engine.
    var engineOptions: EngineOptions {
        EngineOptions(
            modelPath: model,
            device: DeviceChoice(device),
            deviceCount: pipelineParallelSize,
            model: ModelOptions(
                blockSize: blockSize,
                maxModelLength: maxModelLen,
                batchedTokenCount: maxNumBatchedTokens,
                sequenceCount: maxNumSeqs,
                blockCount: numGpuBlocks,
                memoryUtilization: gpuMemoryUtilization,
                kvFormat: kvCacheDtype,
                quantization: quantization,
                layerSplit: layerSplit?.shares
            ),
            policy: schedulingPolicy == "priority" ? .priority : .fcfs,
            cachesPrefixes: enablePrefixCaching,
            drafting: speculativeConfig?.policy,
            draftModelPath: speculativeConfig?.model,
            waitingRequestCount: maxNumQueuedReqs,
            waitingPromptTokenCount: maxNumQueuedTokens,
            cacheFolder: cacheDir ?? PipelineCache.folder,
            validation: validation,
            isBatchInvariant: batchInvariant
        )
    }
}

extension Quantization {
    static let help: ArgumentHelp = """
        Quantise the matrices of a model in BF16, F16, F32 or FP8 as it is loaded: q8_0 (8.5 bits \
        a weight), q6_k (6.6) or q4_k (4.5).
        """

    /// The quantisation a flag names.
    static func named(_ name: String) throws -> Quantization {
        guard let quantization = Quantization(rawValue: name.lowercased()) else {
            throw ValidationError(
                "--quantization is `\(name)`; it must be q8_0, q6_k or q4_k. What a model is "
                    + "published in (GGUF's formats, FP8, AWQ, GPTQ) is recognised without it."
            )
        }
        return quantization
    }
}

/// What `--layer-split` says.
struct LayerShares {
    let shares: [Int]

    init(_ text: String) throws {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        shares = parts.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        guard shares.count == parts.count, shares.allSatisfy({ (1...4096).contains($0) }) else {
            throw ValidationError(
                "--layer-split is `\(text)`; it must be a number for each device, such as 3,1."
            )
        }
    }
}

extension KVFormat {
    /// The format a flag names.
    fileprivate static func named(_ name: String) throws -> KVFormat {
        guard let format = KVFormat(rawValue: name) else {
            throw ValidationError("--kv-cache-dtype is `\(name)`; it must be f16 or q8_0.")
        }
        return format
    }
}
