import Vulkan

/// Steps go from device to device by the host's hand, on the thread that starts and finishes them:
/// a device's part of a step is recorded at once, and launched as soon as what it reads has come.
extension ModelRunner {
    /// Launches every part of the steps on their way that has what it needs. Never waits.
    func launch() throws(VulkanError) {
        // A device takes steps in their order, so none overtakes the one before it.
        var ahead = stages.count
        for (place, slot) in underway.enumerated() {
            while slot.launchedCount < min(slot.submissions.count, ahead),
                try isReady(slot, isOldest: place == 0)
            {
                let stage = stages[slot.launchedCount]
                if slot.launchedCount > 0 {
                    stage.crossings[slot.index].carry(
                        hiddenSize: configuration.hiddenSize,
                        tokenCount: stage.inputs[slot.index].tokenCount
                    )
                }
                try stage.submitter.launch(slot.submissions[slot.launchedCount])
                slot.launchedCount += 1
            }
            ahead = slot.launchedCount
        }
    }

    /// Whether what the next part of a step reads is there: the samples of the step before, or the
    /// hidden states of the device before.
    private func isReady(_ slot: StepSlot, isOldest: Bool) throws(VulkanError) -> Bool {
        let stage = slot.launchedCount
        guard stage > 0 else { return isOldest || !slot.awaitsSamples }
        return try stages[stage - 1].submitter.isDone(slot.submissions[stage - 1])
    }

    /// Waits for the oldest step's part on one device; a younger step goes on meanwhile.
    func wait(for submission: Submission, on stage: Stage) throws(VulkanError) {
        let isFollowed = underway.dropFirst().contains {
            $0.launchedCount > 0 && $0.launchedCount < stages.count
        }
        guard isFollowed else { return try stage.submitter.wait(submission) }
        try stage.submitter.wait(submission) { () throws(VulkanError) in try launch() }
    }
}
