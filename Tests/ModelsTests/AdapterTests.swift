import Checkpoints
import Foundation
import Kernels
import Models
import ShaderParams
import Testing
import Vulkan

/// Adapters against peft in float32, from its own folders and from GGUF files, over both kinds of
/// checkpoints.
@Suite(.serialized, .enabled(if: TestDevice.isThere, "needs a Vulkan device"))
struct AdapterTests {
    private static let tolerance = 0.01

    @Test(arguments: AdapterFixture.all, FileKind.allCases)
    func anAdapterGivesTheReferencesLogprobs(
        _ fixture: AdapterFixture,
        _ base: FileKind
    ) throws {
        for kind in FileKind.allCases {
            try check(fixture, base: base, adapter: kind, .cpu, chunks: [70, 1])
        }
    }

    @Test(arguments: ["llama", "gemma3"])
    func theGPUFamilyGivesThemToo(_ name: String) throws {
        let fixture = AdapterFixture(name: name)
        try check(fixture, base: .gguf, adapter: .folder, .gpu, chunks: [70, 1])
    }

    private func check(
        _ fixture: AdapterFixture,
        base: FileKind,
        adapter kind: FileKind,
        _ family: KernelFamily,
        chunks: [Int]
    ) throws {
        try withModel(fixture.checkpoint, base, family, AdapterLimits(count: 2, maxRank: 9)) {
            runner,
            folder in
            let path = folder + "/adapter"
            try kind.write(fixture.files, path, prefix: "adapter_")
            let pool = try #require(runner.adapters)
            let adapter = try LoRAAdapter(path: path, pool.targets, maxRank: 9)
            // Not the first slot.
            let first = try pool.load(adapter)
            let slot = try pool.load(adapter)
            try pool.unload(slot: first)
            #expect(slot == 1 && pool.freeCount == 1)
            let reference = try fixture.files.reference()
            for chunk in chunks {
                let title = "\(fixture.name) as \(kind) over \(base), \(family), \(chunk)"
                let found = try runner.logprobs(reference.prompt, chunk: chunk, adapter: slot)
                expectClose(found, reference, title)
            }
        }
    }

    private func expectClose(
        _ found: [(next: Double, top: [UInt32: Double])],
        _ reference: CheckpointFixture.Reference,
        _ title: String
    ) {
        var worst = 0.0
        for (position, expected) in reference.positions.enumerated() {
            for pair in expected.top {
                guard let logprob = found[position].top[UInt32(pair[0])] else {
                    Issue.record("\(title), position \(position): \(pair[0]) is missing")
                    return
                }
                worst = max(worst, abs(logprob - pair[1]))
            }
            if let next = expected.next { worst = max(worst, abs(found[position].next - next)) }
        }
        #expect(worst < Self.tolerance, "\(title)")
        print("\(title): within \(worst)")
    }

    /// A model in a folder of its own, where the adapter's files may go too.
    private func withModel(
        _ checkpoint: CheckpointFixture,
        _ kind: FileKind,
        _ family: KernelFamily,
        _ adapters: AdapterLimits?,
        _ body: (ModelRunner, String) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            try kind.write(checkpoint, folder + "/model")
            let runner = try ModelRunner(
                openModelCheckpoint(path: folder + "/model"),
                try TestDevice.library(family),
                ModelOptions(
                    maxModelLength: 128,
                    batchedTokenCount: 128,
                    sequenceCount: 16,
                    blockCount: 8,
                    adapters: adapters
                )
            )
            try body(runner, folder)
        }
    }

    /// Two adapters and none in one step: each sequence's logprobs are, to the bit, those it has
    /// alone, and the one without an adapter has those of a model without room for any.
    @Test(arguments: KernelFamily.allCases, ["llama", "gemma3", "phi3"])
    func sequencesOfOneStepHaveTheirOwnAdapters(_ family: KernelFamily, _ name: String) throws {
        let fixture = AdapterFixture(name: name)
        let prompt = Array(try fixture.checkpoint.reference().prompt.prefix(21))
        var plain: [UInt32] = []
        try withModel(fixture.checkpoint, .folder, family, nil) { runner, _ in
            plain = try runner.bits(prompt, adapters: [nil])[0]
        }
        try withModel(fixture.checkpoint, .folder, family, AdapterLimits(count: 2, maxRank: 9)) {
            runner,
            folder in
            let pool = try #require(runner.adapters)
            for other in [name, name == "llama" ? "llama-qv" : name] {
                let files = AdapterFixture(name: other)
                let path = folder + "/\(pool.freeCount)"
                try files.writeFolder(path)
                _ = try pool.load(LoRAAdapter(path: path, pool.targets, maxRank: 9))
            }
            let alone = try [nil, 0, 1].map { try runner.bits(prompt, adapters: [$0])[0] }
            #expect(alone[0] == plain, "a model with room for adapters")
            #expect(alone[1] != plain && alone[2] != plain)
            #expect((alone[1] == alone[2]) == (name != "llama"))
            let together = try runner.bits(prompt, adapters: [1, nil, 0])
            #expect(together[0] == alone[2], "the second adapter")
            #expect(together[1] == plain, "none")
            #expect(together[2] == alone[1], "the first adapter")
        }
    }

    @Test func aModelTellsWhatItsAdaptersMayChange() throws {
        try withModel(CheckpointFixture(name: "qwen3moe"), .folder, .cpu, AdapterLimits()) {
            runner,
            folder in
            let pool = try #require(runner.adapters)
            let path = folder + "/adapter"
            try AdapterFixture(name: "llama").writeFolder(path)
            let error = #expect(throws: AdapterError.self) {
                try LoRAAdapter(path: path, pool.targets, maxRank: 16)
            }
            #expect(
                error?.description.contains(
                    "changes `model.layers.0.mlp.down_proj`, which adapters of this model cannot "
                        + "change. They can change self_attn.q_proj, self_attn.k_proj, "
                        + "self_attn.v_proj, self_attn.o_proj."
                ) == true
            )
        }
    }
}

extension ModelRunner {
    /// The bits of the logprobs of a prompt's next tokens, for sequences of one step that differ in
    /// their adapters only.
    fileprivate func bits(_ prompt: [UInt32], adapters: [Int?]) throws -> [[UInt32]] {
        var batch = StepBatch()
        let blockCount = (prompt.count + 15) / 16
        for (sequence, adapter) in adapters.enumerated() {
            let table = (0..<blockCount).map { UInt32(sequence * blockCount + $0) }
            let first = batch.tokens.count
            batch.runs.append(
                StepBatch.Run(
                    firstToken: first,
                    tokenCount: prompt.count,
                    blockTable: table,
                    adapter: adapter
                )
            )
            for (position, token) in prompt.enumerated() {
                batch.tokens.append(token)
                batch.positions.append(UInt32(position))
                batch.slotMapping.append(table[position / 16] * 16 + UInt32(position % 16))
                batch.promptLogprobs.append(
                    PromptLogprobRow(
                        index: UInt32(first + position),
                        token: prompt[(position + 1) % prompt.count],
                        topCount: 0
                    )
                )
            }
        }
        let pending = try start(batch)
        _ = try finish(pending)
        return adapters.indices.map { sequence in
            prompt.indices.map {
                promptLogprobs(of: pending, index: sequence * prompt.count + $0)[0]
                    .logprob.bitPattern
            }
        }
    }
}
