import Models
import Scheduling
import ShaderParams

extension StepBatch {
    /// What the scheduler decided, as the arrays the device reads.
    /// - Parameter drafts: the draft model's part, if there is a draft model.
    init(_ scheduled: ScheduledBatch, blockSize: Int, drafts: DraftPlan? = nil) {
        self.init()
        draftSteps = drafts?.steps ?? []
        var draftCount = 0
        tokens.reserveCapacity(scheduled.tokens.count)
        for source in scheduled.tokens {
            switch source {
            case .known(let token): tokens.append(token)
            case .sampled(let row): tokens.append(Self.sampledFlag | row)
            case .drafted:
                guard let drafts else { preconditionFailure("a guess, and no draft model") }
                tokens.append(Self.sampledFlag | UInt32(drafts.row(ofGuess: draftCount)))
                draftCount += 1
            }
        }
        positions.reserveCapacity(tokens.count)
        slotMapping.reserveCapacity(tokens.count)
        for entry in scheduled.entries {
            for position in entry.positions {
                positions.append(UInt32(position))
                slotMapping.append(UInt32(entry.slot(of: position, blockSize: blockSize)))
            }
            runs.append(
                Run(
                    firstToken: entry.tokenRange.lowerBound,
                    tokenCount: entry.tokenRange.count,
                    blockTable: entry.blockTable.map(\.rawValue)
                )
            )
        }
        for sample in scheduled.samples {
            // Choices that part at this step draw from the same row.
            if logitsRows.last != UInt32(sample.tokenIndex) {
                logitsRows.append(UInt32(sample.tokenIndex))
            }
            samples.append(
                SamplingRow(
                    sample.parameters,
                    logitsRow: logitsRows.count - 1,
                    outputIndex: sample.outputIndex
                )
            )
        }
        copies = scheduled.copies.map { ($0.source.index, $0.destination.index) }
    }
}

extension SamplingRow {
    /// - Parameters:
    ///   - logitsRow: the row of logits to draw from.
    ///   - outputIndex: the token's place among the sequence's generated tokens.
    init(_ parameters: SamplingParameters, logitsRow: Int, outputIndex: Int) {
        self.init(
            logitsRow: UInt32(logitsRow),
            temperature: parameters.temperature,
            topK: UInt32(clamping: parameters.topK),
            topP: parameters.topP,
            minP: parameters.minP,
            seedLow: UInt32(truncatingIfNeeded: parameters.seed),
            seedHigh: UInt32(truncatingIfNeeded: parameters.seed >> 32),
            position: UInt32(outputIndex),
            isEdited: 0,
            maskRow: 0
        )
    }
}
