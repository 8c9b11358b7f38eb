import Kernels
import Vulkan

/// Where a step leaves the last hidden states of some of its tokens for the host.
struct HiddenStates {
    /// uint[tokens]: which tokens.
    let rows: BufferSlice
    /// float[tokens, hidden].
    let states: BufferSlice
    let columns: Int

    init(_ device: Device, limits: StepLimits, columns: Int) throws(VulkanError) {
        self.columns = columns
        rows = try Buffer(
            device,
            byteCount: 4 * limits.tokenCount,
            use: .upload,
            label: "hidden rows"
        ).whole
        states = try Buffer(
            device,
            byteCount: 4 * limits.tokenCount * columns,
            use: .readback,
            label: "hidden states"
        ).whole
    }
}

extension ModelRunner {
    /// Records the last hidden states of tokens, normalised as the output matrix reads them.
    ///
    /// They are what logits are made of on the way, so they are made with logits that nobody reads:
    /// once more the output matrix for each token, and no further path through every architecture.
    func recordHiddenStates(
        _ rows: [UInt32],
        _ step: ModelStep,
        slot: StepSlot,
        into recorder: inout KernelRecorder
    ) throws(VulkanError) {
        guard !rows.isEmpty else { return }
        let hidden = try hiddenStates(slot)
        hidden.rows.write(rows)
        let rowSize = 4 * hidden.columns
        let normed = activations.lastNormed.slice
        for first in stride(from: 0, to: rows.count, by: limits.sequenceCount) {
            let count = min(limits.sequenceCount, rows.count - first)
            try model.recordLogits(
                into: &recorder,
                step,
                rows: hidden.rows.slice(at: 4 * first, byteCount: 4 * count),
                rowCount: count
            )
            recorder.recording.copy(
                from: normed.slice(at: 0, byteCount: rowSize * count),
                to: hidden.states.slice(at: rowSize * first, byteCount: rowSize * count)
            )
        }
    }

    private func hiddenStates(_ slot: StepSlot) throws(VulkanError) -> HiddenStates {
        if let hidden = slot.hidden { return hidden }
        let hidden = try HiddenStates(
            library.device,
            limits: limits,
            columns: configuration.hiddenSize
        )
        slot.hidden = hidden
        return hidden
    }

    /// The `index`-th of a finished step's `hiddenRows`. Valid until the next but one step starts.
    public func hiddenState(of pending: PendingStep, index: Int) -> [Float] {
        guard let hidden = slots[pending.slot].hidden else { return [] }
        return hidden.states.read(Float.self, at: index * hidden.columns, count: hidden.columns)
    }
}
