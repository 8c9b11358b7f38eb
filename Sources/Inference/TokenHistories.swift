package import Models
package import Scheduling

/// The histories of all sequences whose requests have rules for their logits.
///
/// It follows the scheduler's batches: a choice gets its history when its first token is to be
/// drawn, and grows when a token becomes known, whatever happened to its blocks in between.
package struct TokenHistories {
    private var histories: [SequenceID: TokenHistory] = [:]

    package init() {}

    /// How the logits of a batch's samples change.
    /// - Parameters:
    ///   - constraint: the tokens from which a constrained sequence's next one is drawn.
    ///   - make: a request's history before it has output; nil if it has no rules.
    package mutating func edits(
        of batch: ScheduledBatch,
        constraint: (SequenceID) -> TokenMask? = { _ in nil },
        make: (RequestID) -> TokenHistory?
    ) -> [SampleEdit] {
        var edits: [SampleEdit] = []
        for (index, sample) in batch.samples.enumerated() {
            let id = sample.sequence
            guard var history = histories[id] ?? make(id.request) else { continue }
            if let mask = constraint(id) { history.mask = mask }
            histories[id] = history
            var newestRow: UInt32?
            if case .sampled(let row) = batch.tokens[sample.tokenIndex] { newestRow = row }
            let edit = history.edit(
                ofSample: index,
                outputIndex: sample.outputIndex,
                newestRow: newestRow
            )
            if let edit { edits.append(edit) }
        }
        return edits
    }

    /// A sequence's next token is known.
    package mutating func append(_ token: TokenID, to sequence: SequenceID) {
        histories[sequence]?.append(token)
    }

    /// A request is over.
    package mutating func end(_ request: RequestID, choiceCount: Int) {
        for choice in 0..<choiceCount {
            histories[SequenceID(request: request, choice: choice)] = nil
        }
    }

    /// Sequences there is a history of.
    package var count: Int { histories.count }
}
