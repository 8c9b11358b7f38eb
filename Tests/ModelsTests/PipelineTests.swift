import Foundation
import Kernels
import Models
import ShaderParams
import Testing
import Vulkan

/// A model whose layers are on several devices gives what it gives on one, to the bit.
@Suite(.serialized, .enabled(if: TestDevice.isThere, "needs a Vulkan device"))
struct PipelineTests {
    struct Case: Sendable {
        let name: String
        let split: [Int]
    }

    /// Layers that slide with norms behind them; experts, biases and sinks.
    private static let cases = [
        Case(name: "gemma3", split: [2, 5]), Case(name: "gemma3", split: [3, 1, 3]),
        Case(name: "gpt-oss", split: [3, 1]),
    ]

    @Test(arguments: cases, KernelFamily.allCases)
    func logprobsAreThoseOfOneDevice(
        _ subject: Case,
        _ family: KernelFamily
    ) throws {
        try withCheckpoint(subject.name) { checkpoint, prompt in
            let whole = try runner(checkpoint, family)
            let split = try runner(checkpoint, family, split: subject.split)
            #expect(split.layerSplit == subject.split)
            for chunk in [70, 17] {
                let expected = try whole.logprobs(prompt, chunk: chunk)
                let found = try split.logprobs(prompt, chunk: chunk)
                #expect(found.map(\.next) == expected.map(\.next))
                #expect(found.map(\.top) == expected.map(\.top))
            }
        }
    }

    /// Two steps on their way, of which the second begins with what the first samples on the other
    /// device.
    @Test func tokensGoFromTheLastDeviceToTheFirst() throws {
        try withCheckpoint("gemma3") { checkpoint, prompt in
            let expected = try runner(checkpoint, .cpu).generated(prompt, count: 12)
            #expect(Set(expected).count > 3)
            for split in [[4, 3], [2, 2, 3]] {
                let found = try runner(checkpoint, .cpu, split: split)
                    .generated(prompt, count: 12)
                #expect(found == expected, "\(split)")
            }
        }
    }

    /// What was compiled ahead is what steps need, and only what is new is told.
    @Test func stepsAreCompiledWithoutBeingRun() throws {
        try withCheckpoint("gemma3") { checkpoint, prompt in
            let expected = try runner(checkpoint, .cpu).generated(prompt, count: 4)
            let one = try runner(checkpoint, .cpu)
            for runner in [one, try runner(checkpoint, .cpu, split: [4, 3])] {
                var batch = StepBatch()
                batch.tokens = [0]
                batch.positions = [0]
                batch.slotMapping = [0]
                batch.runs = [.init(firstToken: 0, tokenCount: 1, blockTable: [0])]
                batch.logitsRows = [0]
                batch.samples = [SamplingRow()]
                #expect(try runner.compile([batch, batch]).count == 1)
                #expect(try runner.compile([batch]).isEmpty)
                #expect(try runner.generated(prompt, count: 4) == expected)
            }
        }
    }

    /// Steps that do not wait for each other's samples run on different devices at once.
    @Test func aPromptsNextChunkFollowsOnTheFirstDevice() throws {
        try withCheckpoint("gemma3") { checkpoint, prompt in
            let expected = try runner(checkpoint, .cpu).generated(prompt, count: 1, chunk: 8)
            let split = try runner(checkpoint, .cpu, split: [4, 3])
            #expect(try split.generated(prompt, count: 1, chunk: 8) == expected)
        }
    }

    @Test func whatCannotBeSplitIsRefusedInWords() throws {
        try withCheckpoint("gpt-oss") { checkpoint, _ in
            #expect(throws: ModelError.moreStagesThanLayers(stageCount: 5, layerCount: 4)) {
                try runner(checkpoint, TestDevice.libraries(.cpu, count: 5))
            }
            let libraries = try TestDevice.libraries(.cpu, count: 2)
            #expect(throws: ModelError.badLayerSplit(shares: [1, 1, 2], deviceCount: 2)) {
                try runner(checkpoint, libraries, split: [1, 1, 2])
            }
            var options = Self.options
            options.memoryUtilization = 1e-9
            let error = #expect(throws: ModelError.self) {
                try ModelRunner(checkpoint, libraries, options)
            }
            let name = libraries[0].device.properties.name
            let text = try #require(error?.description)
            #expect(text.contains("Layers 0 to ") && text.contains("\(name) has room for 0"))
        }
    }

    private static let options = ModelOptions(
        maxModelLength: 128,
        batchedTokenCount: 128,
        sequenceCount: 16,
        blockCount: 8
    )

    private func runner(
        _ checkpoint: any ModelCheckpoint,
        _ family: KernelFamily,
        split: [Int] = [1]
    ) throws -> ModelRunner {
        try runner(checkpoint, TestDevice.libraries(family, count: split.count), split: split)
    }

    private func runner(
        _ checkpoint: any ModelCheckpoint,
        _ libraries: [KernelLibrary],
        split: [Int]? = nil
    ) throws -> ModelRunner {
        var options = Self.options
        options.layerSplit = split
        return try ModelRunner(checkpoint, libraries, options)
    }

    private func withCheckpoint(
        _ name: String,
        _ body: (any ModelCheckpoint, _ prompt: [UInt32]) throws -> Void
    ) throws {
        let fixture = CheckpointFixture(name: name)
        try withTemporaryFolder { path in
            try fixture.writeFolder(path)
            try body(openModelCheckpoint(path: path), fixture.reference().prompt)
        }
    }
}

extension ModelRunner {
    /// The greedy tokens after a prompt, always with two steps on their way.
    fileprivate func generated(_ prompt: [UInt32], count: Int, chunk: Int = 70) throws -> [UInt32] {
        var pending: [PendingStep] = []
        var found: [UInt32] = []
        func submit(_ tokens: [UInt32], at position: Int, samples: Bool) throws {
            if pending.count == Self.depth { found += try finish(pending.removeFirst()) }
            var batch = StepBatch()
            batch.tokens = tokens
            batch.positions = tokens.indices.map { UInt32(position + $0) }
            batch.slotMapping = batch.positions
            batch.runs = [
                StepBatch.Run(
                    firstToken: 0,
                    tokenCount: tokens.count,
                    blockTable: [0, 1, 2, 3, 4, 5, 6, 7]
                )
            ]
            if samples {
                batch.logitsRows = [UInt32(tokens.count - 1)]
                // Drawn, for the most probable tokens of random weights repeat themselves.
                var row = SamplingRow()
                row.temperature = 20
                row.topP = 1
                row.position = UInt32(position)
                batch.samples = [row]
            }
            pending.append(try start(batch))
        }
        for start in stride(from: 0, to: prompt.count, by: chunk) {
            let end = min(start + chunk, prompt.count)
            try submit(Array(prompt[start..<end]), at: start, samples: end == prompt.count)
        }
        for index in 0..<count - 1 {
            try submit([StepBatch.sampledFlag], at: prompt.count + index, samples: true)
        }
        for step in pending { found += try finish(step) }
        return found
    }
}
