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
    /// - Parameter hostLogitsRows: rows of `batch.logitsRows` that `logits` will be asked for.
    public func start(
        _ batch: StepBatch,
        hostLogitsRows: [Int] = []
    ) throws(VulkanError) -> PendingStep {
        precondition(
            batch.tokens.count <= limits.tokenCount && batch.samples.count <= limits.sequenceCount
                && batch.logitsRows.count <= limits.sequenceCount && !batch.tokens.isEmpty,
            "a step of \(batch.tokens.count) tokens and \(batch.samples.count) samples is beyond "
                + "\(limits)"
        )
        let index = stepNumber % Self.depth
        let slot = slots[index]
        precondition(slot.submission == nil, "\(Self.depth) steps are on their way already")
        slot.inputs.write(batch)

        var recorder = KernelRecorder(library)
        cache.copy(batch.copies, into: &recorder.recording)
        try model.record(into: &recorder, step(index))
        if !batch.samples.isEmpty {
            try recorder.sample(
                activations.logits,
                rows: slot.inputs.samples,
                sampleCount: batch.samples.count,
                into: slot.samples.whole
            )
        }
        try copyLogits(hostLogitsRows, to: &slot.logits, into: &recorder.recording)
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

    /// The logits of the `row`-th of the step's `hostLogitsRows`: float[vocabulary]. Valid from
    /// `finish` until the next but one step starts.
    public func logits(of pending: PendingStep, row: Int) -> [Float] {
        readLogits(slots[pending.slot].logits, row: row)
    }

    /// Device times of a finished step's kernels, if `profiles` was set.
    public func timings(of pending: PendingStep) throws(VulkanError) -> [DispatchTiming] {
        try submitter.timings(of: pending.submission)
    }

    /// When a finished step ran on the device; nil where the device has no timestamps.
    public func span(of pending: PendingStep) throws(VulkanError) -> DeviceSpan? {
        try submitter.span(of: pending.submission)
    }

    /// Computes the logits of further tokens of the last step, a few rows at a time, and hands each
    /// row to `body`. No other step may have been started since, nor be on its way.
    /// - Parameter tokens: indices into the step's tokens.
    public func withLogits(
        ofTokens tokens: [Int],
        of pending: PendingStep,
        _ body: (_ index: Int, _ logits: [Float]) -> Void
    ) throws(VulkanError) {
        let slot = slots[pending.slot]
        for first in stride(from: 0, to: tokens.count, by: limits.sequenceCount) {
            let part = tokens[first..<min(first + limits.sequenceCount, tokens.count)]
            slot.inputs.logitsRows.write(part.map { UInt32($0) })
            var recorder = KernelRecorder(library)
            try model.recordLogits(
                into: &recorder,
                step(pending.slot),
                rows: slot.inputs.logitsRows,
                rowCount: part.count
            )
            try copyLogits(
                Array(0..<part.count),
                to: &slot.furtherLogits,
                into: &recorder.recording
            )
            try submitter.run(recorder.recording)
            for row in 0..<part.count {
                body(first + row, readLogits(slot.furtherLogits, row: row))
            }
        }
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

    private func readLogits(_ buffer: Buffer?, row: Int) -> [Float] {
        let count = configuration.vocabularySize
        return buffer?.whole.read(Float.self, at: row * count, count: count) ?? []
    }

    private func copyLogits(
        _ rows: [Int],
        to buffer: inout Buffer?,
        into recording: inout Recording
    ) throws(VulkanError) {
        guard !rows.isEmpty else { return }
        let size = 4 * configuration.vocabularySize
        if (buffer?.byteCount ?? 0) < rows.count * size {
            buffer = nil
            buffer = try Buffer(
                library.device,
                byteCount: rows.count * size,
                use: .readback,
                label: "host logits"
            )
        }
        guard let logits = buffer else { return }
        for (index, row) in rows.enumerated() {
            recording.copy(
                from: activations.logits.slice.slice(at: row * size, byteCount: size),
                to: logits.whole.slice(at: index * size, byteCount: size)
            )
        }
    }
}
