import Models
import Scheduling

extension EngineLoop {
    /// Adds to a step the tokens whose hidden states requests want: all of a prompt for its mean,
    /// or the last. The last is the one that the request's only token is drawn after.
    /// - Returns: for each request, where they stand among the step's `hiddenRows`.
    func addPooling(of batch: ScheduledBatch, to step: inout StepBatch) -> [InFlight.Rows] {
        var pooled: [InFlight.Rows] = []
        for entry in batch.entries where !entry.promptLogprobPositions.isEmpty {
            guard requests[entry.sequence.request]?.request.pooling == .mean else { continue }
            let first = step.hiddenRows.count
            for position in entry.promptLogprobPositions {
                let index = entry.tokenRange.lowerBound + position - entry.firstPosition
                step.hiddenRows.append(UInt32(index))
            }
            pooled.append(
                .init(request: entry.sequence.request, rows: first..<step.hiddenRows.count)
            )
        }
        for sample in batch.samples
        where requests[sample.sequence.request]?.request.pooling != nil {
            let row = step.hiddenRows.count
            step.hiddenRows.append(UInt32(sample.tokenIndex))
            pooled.append(.init(request: sample.sequence.request, rows: row..<row + 1))
        }
        return pooled
    }

    /// Takes in the hidden states a finished step computed.
    func collectPooled(_ step: InFlight) {
        for prompt in step.pooled {
            for row in prompt.rows {
                let state = backend.runner.hiddenState(of: step.pending, index: row)
                requests[prompt.request]?.pool.add(state)
            }
        }
    }
}

/// The mean of vectors, as they come.
struct Pool {
    private var sum: [Float] = []
    private var count = 0

    mutating func add(_ state: [Float]) {
        count += 1
        guard !sum.isEmpty else {
            sum = state
            return
        }
        for index in sum.indices { sum[index] += state[index] }
    }

    /// Empty if none came.
    var mean: [Float] { sum.map { $0 / Float(count) } }
}
