import Kernels
import Models
import Scheduling
import ShaderParams

extension EngineLoop {
    /// Adds to a step how its samples' logits are changed.
    func addEdits(of batch: ScheduledBatch, to step: inout StepBatch) {
        guard ruledRequestCount > 0 else { return }
        let vocabularySize = backend.properties.vocabularySize
        step.edits = histories.edits(
            of: batch,
            constraint: { [requests] id in
                requests[id.request]?.constraint(ofChoice: id.choice)
            },
            make: { [requests] id in
                guard let live = requests[id], live.request.editsLogits else { return nil }
                return TokenHistory(
                    live.request,
                    mask: live.allowedTokens,
                    vocabularySize: vocabularySize
                )
            }
        )
    }

    /// Adds to a step whose logprobs are wanted.
    /// - Returns: for each sample its row among the step's `logprobs`, and for each request the
    ///   places of its prompt positions among the step's `promptLogprobs`.
    func addLogprobs(
        of batch: ScheduledBatch,
        to step: inout StepBatch
    ) -> (rows: [Int?], prompts: [InFlight.Rows]) {
        let rows = batch.samples.indices.map { index -> Int? in
            let request = batch.samples[index].sequence.request
            guard let count = requests[request]?.request.logprobCount else { return nil }
            step.logprobs.append(
                LogprobRow(
                    logitsRow: step.samples[index].logitsRow,
                    token: LogprobRow.sampledFlag | UInt32(index),
                    topCount: UInt32(count)
                )
            )
            return step.logprobs.count - 1
        }
        var prompts: [InFlight.Rows] = []
        for entry in batch.entries where !entry.promptLogprobPositions.isEmpty {
            let id = entry.sequence.request
            guard let request = requests[id]?.request, let count = request.promptLogprobCount
            else { continue }
            let first = step.promptLogprobs.count
            for position in entry.promptLogprobPositions {
                let index = entry.tokenRange.lowerBound + position - entry.firstPosition
                step.promptLogprobs.append(
                    PromptLogprobRow(
                        index: UInt32(index),
                        token: request.promptTokens[position + 1],
                        topCount: UInt32(count)
                    )
                )
            }
            prompts.append(
                InFlight.Rows(request: id, rows: first..<step.promptLogprobs.count)
            )
        }
        return (rows, prompts)
    }

    /// Takes in the logprobs of the prompt positions a finished step computed.
    func collectPromptLogprobs(_ step: InFlight) {
        for prompt in step.promptLogprobs {
            guard let count = requests[prompt.request]?.request.promptLogprobCount else { continue }
            requests[prompt.request]?.promptLogprobs += prompt.rows.map { row in
                PositionLogprobs(
                    backend.runner.promptLogprobs(of: step.pending, index: row),
                    topCount: count
                )
            }
        }
    }
}
