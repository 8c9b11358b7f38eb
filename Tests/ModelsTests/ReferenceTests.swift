import Checkpoints
import Foundation
import Kernels
import Models
import ShaderParams
import Testing
import Vulkan

/// Every architecture against transformers in float32, at each position of a prompt that crosses
/// a sliding window and the borders of blocks.
@Suite(.serialized, .enabled(if: TestDevice.isThere, "needs a Vulkan device"))
struct ReferenceTests {
    /// Logprobs may differ by rounding, of which that of the cache to halves is the greatest.
    private static let tolerance = 0.01

    @Test(arguments: CheckpointFixture.all, KernelFamily.allCases)
    func aFolderGivesTheReferencesLogprobs(
        _ fixture: CheckpointFixture,
        _ family: KernelFamily
    ) throws {
        try withTemporaryFolder { path in
            try fixture.writeFolder(path)
            try check(fixture, try openModelCheckpoint(path: path), family)
        }
    }

    @Test(arguments: CheckpointFixture.all, KernelFamily.allCases)
    func aGGUFFileGivesTheReferencesLogprobs(
        _ fixture: CheckpointFixture,
        _ family: KernelFamily
    ) throws {
        try withTemporaryFolder { path in
            let file = path + ".gguf"
            defer { try? FileManager.default.removeItem(atPath: file) }
            try fixture.writeGGUF(file)
            try check(fixture, try openModelCheckpoint(path: file), family)
        }
    }

    @Test(arguments: [DataType.f16, .bf16])
    func halfPrecisionIsReadAsItIs(_ type: DataType) throws {
        let fixture = CheckpointFixture(name: "gemma3")
        try withTemporaryFolder { path in
            try fixture.writeFolder(path, type: type)
            try check(fixture, try openModelCheckpoint(path: path), .cpu, chunks: [70])
        }
    }

    /// FP8, GPTQ and AWQ, to which the reference has the weights they stand for. What becomes of
    /// them on the device is like any other's, so one kernel family is enough.
    @Test(arguments: CheckpointFixture.quantized, [DataType.f32, .f16])
    func aQuantizedFolderGivesItsWeightsLogprobs(
        _ fixture: CheckpointFixture,
        _ type: DataType
    ) throws {
        try withTemporaryFolder { path in
            try fixture.writeFolder(path, type: type)
            try check(fixture, try openModelCheckpoint(path: path), .cpu, chunks: [70])
        }
    }

    /// Of a model quantised as it is loaded logprobs are near those of its floats; how near is told
    /// by 96 random columns, of which real models have thousands.
    @Test(arguments: [("qwen3", 0.1), ("gpt-oss", 0.2)])
    func aFolderCanBeQuantizedAsItIsLoaded(_ name: String, _ tolerance: Double) throws {
        let fixture = CheckpointFixture(name: name)
        try withTemporaryFolder { path in
            try fixture.writeFolder(path)
            let checkpoint = try openModelCheckpoint(path: path, quantization: .q8_0)
            try check(fixture, checkpoint, .cpu, chunks: [70], tolerance: tolerance)
        }
    }

    /// Whole, in chunks, and token by token.
    private func check(
        _ fixture: CheckpointFixture,
        _ checkpoint: any ModelCheckpoint,
        _ family: KernelFamily,
        chunks: [Int] = [70, 17, 1],
        tolerance: Double = Self.tolerance
    ) throws {
        let library = try TestDevice.library(family)
        let runner = try ModelRunner(
            checkpoint,
            library,
            ModelOptions(
                maxModelLength: 128,
                batchedTokenCount: 128,
                sequenceCount: 16,
                blockCount: 8
            )
        )
        let reference = try fixture.reference()
        for chunk in chunks {
            let found = try runner.logprobs(reference.prompt, chunk: chunk)
            var worst = 0.0
            for (position, expected) in reference.positions.enumerated() {
                let title = "\(fixture.name), \(family), chunks of \(chunk), position \(position)"
                for pair in expected.top {
                    let logprob = try #require(found[position].top[UInt32(pair[0])], "\(title)")
                    worst = max(worst, abs(logprob - pair[1]))
                }
                if let next = expected.next {
                    worst = max(worst, abs(found[position].next - next))
                }
                guard worst < tolerance else {
                    Issue.record("\(title): a logprob differs by \(worst)")
                    return
                }
            }
            print("\(fixture.name), \(family), chunks of \(chunk): within \(worst)")
        }
    }
}

extension ModelRunner {
    /// The logprobs at each position of a prompt: of its next token, and of the most probable ones.
    /// - Parameter adapter: the slot of the prompt's adapter.
    func logprobs(
        _ prompt: [UInt32],
        chunk: Int,
        adapter: Int? = nil
    ) throws -> [(next: Double, top: [UInt32: Double])] {
        var found: [(next: Double, top: [UInt32: Double])] = []
        // Blocks in no order.
        let table: [UInt32] = [3, 6, 0, 5, 1, 7, 2, 4]
        for start in stride(from: 0, to: prompt.count, by: chunk) {
            let positions = start..<min(start + chunk, prompt.count)
            var batch = StepBatch()
            batch.runs = [
                StepBatch.Run(
                    firstToken: 0,
                    tokenCount: positions.count,
                    blockTable: table,
                    adapter: adapter
                )
            ]
            for position in positions {
                batch.tokens.append(prompt[position])
                batch.positions.append(UInt32(position))
                batch.slotMapping.append(table[position / 16] * 16 + UInt32(position % 16))
                batch.promptLogprobs.append(
                    PromptLogprobRow(
                        index: UInt32(position - start),
                        token: position + 1 < prompt.count ? prompt[position + 1] : 0,
                        topCount: 10
                    )
                )
            }
            let pending = try self.start(batch)
            _ = try finish(pending)
            for index in positions.indices {
                let entries = promptLogprobs(of: pending, index: index - start)
                let top = entries[1...10].map { ($0.token, Double($0.logprob)) }
                found.append(
                    (
                        Double(entries[0].logprob),
                        Dictionary(top) { first, _ in first }
                    )
                )
            }
        }
        return found
    }
}
