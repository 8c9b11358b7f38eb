package import Models
package import Scheduling
import ShaderParams

/// The draft model's part of a step: its own steps before the model's, and where its guesses stand.
///
/// Its first step computes all tokens of the batch that are no guesses, and what it lags behind; so
/// its KV cache holds what the model's does. Each sequence that takes guesses has the first of them
/// drawn there, and every further one in a step of single tokens.
///
/// A guess is drawn with the same parameters, seed and place in the random stream as the sample it
/// is compared with. Where the two models' logits are alike, so are their draws, whatever the
/// temperature.
package struct DraftPlan {
    /// The draft model's steps, in order; at least one.
    package private(set) var steps: [StepBatch]
    /// For each of the batch's guesses, in their order there, which of the tokens drawn in `steps`
    /// it is.
    package private(set) var places: [Int] = []
    private let firstRow: Int

    /// - Parameter firstRow: where the first of the tokens drawn in `steps` stands among those that
    ///   the host has not seen.
    package init(_ batch: ScheduledBatch, blockSize: Int, firstRow: Int) {
        self.firstRow = firstRow
        steps = [StepBatch()]
        steps[0].copies = batch.copies.map { ($0.source.index, $0.destination.index) }
        for entry in batch.entries {
            steps[0].append(entry, of: batch, blockSize: blockSize)
        }
        let guessed = batch.entries.filter { $0.draftTokenCount > 0 }
        let most = guessed.map(\.draftTokenCount).max() ?? 0
        var places: [[Int]] = guessed.map { _ in [] }
        var drawn = 0
        for draft in 0..<most {
            if draft > 0 { steps.append(StepBatch()) }
            for (index, entry) in guessed.enumerated() where entry.draftTokenCount > draft {
                if let place = places[index].last {
                    steps[draft].append(
                        row: firstRow + place,
                        at: entry.contextLength - 1 - entry.draftTokenCount + draft,
                        of: entry,
                        blockSize: blockSize
                    )
                }
                let sample = batch.samples[entry.sampleRows.lowerBound + draft]
                steps[draft].samples.append(
                    SamplingRow(
                        sample.parameters,
                        logitsRow: steps[draft].samples.count,
                        outputIndex: sample.outputIndex
                    )
                )
                places[index].append(drawn)
                drawn += 1
            }
        }
        self.places = Array(places.joined())
    }

    /// Where one of the batch's guesses stands among the tokens that the host has not seen.
    func row(ofGuess index: Int) -> Int { firstRow + places[index] }
}

extension StepBatch {
    /// Adds what a draft model computes of an entry before it guesses.
    fileprivate mutating func append(
        _ entry: ScheduledBatch.Entry,
        of batch: ScheduledBatch,
        blockSize: Int
    ) {
        var sources = batch.tokens[entry.tokenRange].dropLast(entry.draftTokenCount)
        var position = entry.firstPosition
        if let token = entry.laggingToken {
            sources = [.known(token)] + sources
            position -= 1
        }
        appendRun(of: entry, tokenCount: sources.count)
        for source in sources {
            append(Self.word(source), at: position, of: entry, blockSize: blockSize)
            position += 1
        }
        if entry.draftTokenCount > 0 { logitsRows.append(UInt32(tokens.count - 1)) }
    }

    /// Adds a token that was drawn before.
    fileprivate mutating func append(
        row: Int,
        at position: Int,
        of entry: ScheduledBatch.Entry,
        blockSize: Int
    ) {
        appendRun(of: entry, tokenCount: 1)
        append(Self.sampledFlag | UInt32(row), at: position, of: entry, blockSize: blockSize)
        logitsRows.append(UInt32(tokens.count - 1))
    }

    private mutating func appendRun(of entry: ScheduledBatch.Entry, tokenCount: Int) {
        runs.append(
            Run(
                firstToken: tokens.count,
                tokenCount: tokenCount,
                blockTable: entry.blockTable.map(\.rawValue)
            )
        )
    }

    private mutating func append(
        _ word: UInt32,
        at position: Int,
        of entry: ScheduledBatch.Entry,
        blockSize: Int
    ) {
        tokens.append(word)
        positions.append(UInt32(position))
        slotMapping.append(UInt32(entry.slot(of: position, blockSize: blockSize)))
    }

    private static func word(_ source: ScheduledBatch.TokenSource) -> UInt32 {
        switch source {
        case .known(let token): token
        case .sampled(let row): sampledFlag | row
        case .drafted: preconditionFailure("a guess that is not at the end of its run")
        }
    }
}
