import Foundation
import Kernels
import ShaderParams
public import Vulkan

/// A step on its way.
public struct PendingStep: Sendable {
    let slot: Int
    /// Its part of each stage.
    let submissions: [Submission]
    public let sampleCount: Int
    /// Guesses a draft model made for it.
    let draftCount: Int
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
                && batch.hiddenRows.count <= batch.tokens.count
                && batch.runs.allSatisfy { ($0.adapter ?? -1) < (adapters?.limits.count ?? 0) },
            "a step of \(batch.tokens.count) tokens and \(batch.samples.count) samples is beyond "
                + "\(limits)"
        )
        precondition(underway.count < Self.depth, "\(Self.depth) steps are on their way already")
        let slot = slots[stepNumber % Self.depth]
        slot.submissions = []
        slot.launchedCount = 0
        slot.awaitsSamples =
            stages.count > 1 && batch.tokens.contains { $0 & StepBatch.sampledFlag != 0 }
        underway.append(slot)
        let number = stepNumber
        let samplingRows = try batch.samplingRows { mask throws(VulkanError) in
            try masks.place(of: mask, step: number, on: library.device)
        }
        for stage in stages.indices {
            let recording = try record(batch, samplingRows, slot, stage: stage)
            slot.submissions.append(
                try stages[stage].submitter.prepare(recording, profile: profiles)
            )
            // Its first layers run while the next are recorded.
            try launch()
        }
        stepNumber += 1
        return PendingStep(
            slot: slot.index,
            submissions: slot.submissions,
            sampleCount: batch.samples.count,
            draftCount: batch.draftSteps.reduce(0) { $0 + $1.samples.count }
        )
    }

    /// Lets all cores compile the pipelines of steps, none of which is run.
    /// - Returns: the steps that have pipelines which those before them have not.
    public func compile(_ batches: [StepBatch]) throws(VulkanError) -> [StepBatch] {
        precondition(underway.isEmpty, "steps are on their way")
        for stage in stages { stage.library.compilesAhead = true }
        defer { for stage in stages { stage.library.compilesAhead = false } }
        var new: [StepBatch] = []
        for batch in batches {
            let rows = try batch.samplingRows { mask throws(VulkanError) in
                try masks.place(of: mask, step: stepNumber, on: library.device)
            }
            let before = pipelineCount
            for stage in stages.indices { _ = try record(batch, rows, slots[0], stage: stage) }
            if pipelineCount > before { new.append(batch) }
        }
        return new
    }

    private var pipelineCount: Int { stages.reduce(0) { $0 + $1.library.pipelineCount } }

    /// What a step does on one of the devices.
    private func record(
        _ batch: StepBatch,
        _ samplingRows: [SamplingRow],
        _ slot: StepSlot,
        stage number: Int
    ) throws(VulkanError) -> Recording {
        let stage = stages[number]
        stage.inputs[slot.index].write(batch, samplingRows: samplingRows)
        var recorder = KernelRecorder(stage.library)
        stage.cache.copy(batch.copies, into: &recorder.recording)
        let next = number + 1 < stages.count ? stages[number + 1] : nil
        var step = stage.step(slot.index, next: next)
        if let adapters { step.adapters = slot.adapters?.write(batch, adapters) }
        if let draftModel, !batch.draftSteps.isEmpty {
            try draftModel.record(
                batch.draftSteps,
                slot: slot.index,
                tokens: step.previousSamples,
                firstRow: limits.sequenceCount,
                into: &recorder
            )
        }
        try stage.decoder.record(into: &recorder, step)
        guard next == nil else { return recorder.recording }
        try recordSampling(batch, step, slot: slot, into: &recorder)
        try recordPromptLogprobs(batch.promptLogprobs, step, slot: slot, into: &recorder)
        try recordHiddenStates(batch.hiddenRows, step, slot: slot, into: &recorder)
        return recorder.recording
    }

    /// Waits for a step's samples, `KernelRecorder.noToken` where the logits were not numbers.
    public func finish(_ pending: PendingStep) throws(VulkanError) -> [UInt32] {
        let slot = slots[pending.slot]
        precondition(underway.first === slot, "steps are finished in the order they were started")
        for (stage, submission) in zip(stages, pending.submissions) {
            try wait(for: submission, on: stage)
            try launch()
        }
        underway.removeFirst()
        let samples = stages[stages.count - 1].samples[slot.index]
            .read(UInt32.self, count: pending.sampleCount)
        if stages.count > 1 {
            stages[0].samples[slot.index].write(samples)
            try launch()
        }
        return samples
    }

    /// What the draft model guessed in a finished step, step after step of its own. Valid until the
    /// next but one step starts.
    public func drafts(of pending: PendingStep) -> [UInt32] {
        let stage = stages[stages.count - 1]
        return stage.step(pending.slot, next: nil).previousSamples
            .read(UInt32.self, at: limits.sequenceCount, count: pending.draftCount)
    }

    /// Device times of a finished step's kernels, if `profiles` was set; the starts of each device
    /// are its own.
    public func timings(of pending: PendingStep) -> [DispatchTiming] {
        var timings: [DispatchTiming] = []
        for (stage, submission) in zip(stages, pending.submissions) {
            timings += stage.submitter.timings(of: submission)
        }
        return timings
    }

    /// When a finished step ran on each device, in the order of the layers; empty where a device
    /// has no timestamps.
    public func spans(of pending: PendingStep) -> [DeviceSpan] {
        var spans: [DeviceSpan] = []
        for (stage, submission) in zip(stages, pending.submissions) {
            guard let span = stage.submitter.span(of: submission) else { return [] }
            spans.append(span)
        }
        return spans
    }
}
