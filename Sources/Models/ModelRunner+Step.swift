import Foundation
import Kernels
public import Vulkan

/// A step on its way.
public struct PendingStep: Sendable {
    let slot: Int
    let submission: Submission
    public let sampleCount: Int
}

extension ModelRunner {
    /// Starts a step; it runs after those started before.
    ///
    /// At most `depth` steps may be on their way; finish the oldest first.
    public func start(_ batch: StepBatch) throws(VulkanError) -> PendingStep {
        precondition(
            batch.tokens.count <= limits.tokenCount && batch.samples.count <= limits.sequenceCount
                && batch.logitsRows.count <= limits.sequenceCount && !batch.tokens.isEmpty
                && batch.logprobs.count <= batch.samples.count
                && batch.promptLogprobs.count <= batch.tokens.count
                && batch.hiddenRows.count <= batch.tokens.count,
            "a step of \(batch.tokens.count) tokens and \(batch.samples.count) samples is beyond "
                + "\(limits)"
        )
        let index = stepNumber % Self.depth
        let slot = slots[index]
        precondition(slot.submission == nil, "\(Self.depth) steps are on their way already")
        let number = stepNumber
        let samplingRows = try batch.samplingRows { mask throws(VulkanError) in
            try masks.place(of: mask, step: number, on: library.device)
        }
        slot.inputs.write(batch, samplingRows: samplingRows)

        var recorder = KernelRecorder(library)
        cache.copy(batch.copies, into: &recorder.recording)
        let step = step(index)
        try model.record(into: &recorder, step)
        try recordSampling(
            batch,
            slot: slot,
            previousSamples: step.previousSamples,
            into: &recorder
        )
        try recordPromptLogprobs(batch.promptLogprobs, step, slot: slot, into: &recorder)
        try recordHiddenStates(batch.hiddenRows, step, slot: slot, into: &recorder)
        let submission = try submitter.submit(recorder.recording, profile: profiles)
        slot.submission = submission
        stepNumber += 1
        return PendingStep(slot: index, submission: submission, sampleCount: batch.samples.count)
    }

    /// Waits for a step's samples, `KernelRecorder.noToken` where the logits were not numbers.
    public func finish(_ pending: PendingStep) throws(VulkanError) -> [UInt32] {
        let slot = slots[pending.slot]
        try submitter.wait(pending.submission)
        slot.submission = nil
        return slot.samples.whole.read(UInt32.self, count: pending.sampleCount)
    }

    /// Device times of a finished step's kernels, if `profiles` was set.
    public func timings(of pending: PendingStep) throws(VulkanError) -> [DispatchTiming] {
        try submitter.timings(of: pending.submission)
    }

    /// When a finished step ran on the device; nil where the device has no timestamps.
    public func span(of pending: PendingStep) throws(VulkanError) -> DeviceSpan? {
        try submitter.span(of: pending.submission)
    }

    private func step(_ index: Int) -> ModelStep {
        let previous = slots[(index + Self.depth - 1) % Self.depth]
        return ModelStep(
            inputs: slots[index].inputs,
            activations: activations,
            cache: cache,
            previousSamples: previous.samples.whole
        )
    }
}
