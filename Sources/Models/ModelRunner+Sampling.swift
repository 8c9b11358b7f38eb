import Kernels
public import ShaderParams
import Vulkan

extension ModelRunner {
    /// Records what makes tokens of a step's logits: edits for the samples that have them, the
    /// samples, and the logprobs of those that want them.
    func recordSampling(
        _ batch: StepBatch,
        _ step: ModelStep,
        slot: StepSlot,
        into recorder: inout KernelRecorder
    ) throws(VulkanError) {
        guard !batch.samples.isEmpty else { return }
        let edits = batch.edits.filter { $0.onlyMask == nil }
        if !edits.isEmpty {
            let number = stepNumber
            try slot.sampling.write(
                edits,
                logitsRows: edits.map { batch.samples[$0.sample].logitsRow },
                on: library.device
            ) { mask throws(VulkanError) in
                try masks.place(of: mask, step: number, on: library.device)
            }
            try recorder.editLogits(
                activations.logits,
                LogitEditInputs(
                    rows: slot.sampling.editRows,
                    edits: slot.sampling.edits,
                    bans: slot.sampling.bans,
                    masks: masks.buffer ?? slot.sampling.bans,
                    sampled: step.previousSamples
                ),
                rowCount: edits.count,
                into: activations.edited
            )
        }
        try recorder.sample(
            activations.logits,
            edited: edits.isEmpty ? nil : activations.edited,
            rows: step.inputs.samples,
            masks: edits.count < batch.edits.count ? masks.buffer : nil,
            sampleCount: batch.samples.count,
            into: step.samples
        )
        guard !batch.logprobs.isEmpty else { return }
        slot.sampling.logprobRows.write(batch.logprobs)
        try recorder.logprobs(
            activations.logits,
            rows: slot.sampling.logprobRows,
            rowCount: batch.logprobs.count,
            tokens: step.samples,
            into: slot.sampling.logprobs
        )
    }

    /// Records the logprobs of prompt positions: the logits of a few rows at a time, in the memory
    /// of the step's own, which have served by then.
    func recordPromptLogprobs(
        _ rows: [PromptLogprobRow],
        _ step: ModelStep,
        slot: StepSlot,
        into recorder: inout KernelRecorder
    ) throws(VulkanError) {
        guard !rows.isEmpty else { return }
        let capacity = limits.sequenceCount
        slot.sampling.promptRows.write(rows.map(\.index))
        slot.sampling.logprobRows.write(
            rows.enumerated().map { index, row in
                LogprobRow(
                    logitsRow: UInt32(index % capacity),
                    token: row.token,
                    topCount: row.topCount
                )
            },
            at: capacity
        )
        for first in stride(from: 0, to: rows.count, by: capacity) {
            let count = min(capacity, rows.count - first)
            let part = slot.sampling.prompt(from: first, count: count)
            try model.recordLogits(into: &recorder, step, rows: part.indices, rowCount: count)
            try recorder.logprobs(
                activations.logits,
                rows: part.rows,
                rowCount: count,
                tokens: step.samples,
                into: part.entries
            )
        }
    }

    /// The logprobs of the `row`-th of a finished step's `logprobs`: its own token's, then those of
    /// the most probable ones, as many as it asked for. Valid until the next but one step starts.
    public func logprobs(of pending: PendingStep, row: Int) -> [Logprob] {
        slots[pending.slot].sampling.entries(ofRow: row)
    }

    /// The same for the `index`-th of its `promptLogprobs`.
    public func promptLogprobs(of pending: PendingStep, index: Int) -> [Logprob] {
        slots[pending.slot].sampling.entries(ofPrompt: index)
    }
}
