/// Guesses what follows a sequence's tokens from what followed the same tokens before: prompt
/// lookup (Saxena 2023), an n-gram draft without a draft model.
///
/// A guess that is wrong costs a row of a step and nothing else, so an index of hashes will do: two
/// runs of tokens that share one only make a poor guess. How many guesses are made follows how good
/// the last ones were.
package struct PromptLookup: Sendable {
    /// How many tokens must have stood together before.
    private let lengths: ClosedRange<Int>
    /// The most guesses of a step.
    private let most: Int
    /// For the hash of a run of tokens, the position after the last place it stood.
    private var continuations: [UInt64: Int] = [:]
    /// Positions whose preceding runs are in `continuations`.
    private var indexedCount = 0
    /// Guesses worth checking in one step.
    private var draftCount: Int

    package init(lengths: ClosedRange<Int>, draftTokenCount: Int) {
        self.lengths = lengths
        most = draftTokenCount
        draftCount = draftTokenCount
    }

    /// At most `limit` guesses of what follows `tokens`; none where their end stood nowhere before.
    ///
    /// Amortised O(new tokens): `tokens` must go on from those of the call before.
    package mutating func drafts(after tokens: [TokenID], limit: Int) -> [TokenID] {
        let count = min(limit, draftCount)
        guard count > 0, let start = continuation(of: tokens) else { return [] }
        var drafts: [TokenID] = []
        for position in start..<start + count {
            // A run that repeats itself goes on repeating itself.
            drafts.append(
                position < tokens.count ? tokens[position] : drafts[position - tokens.count]
            )
        }
        return drafts
    }

    /// Whether there are guesses of what follows `tokens`.
    package mutating func hasDrafts(after tokens: [TokenID]) -> Bool {
        continuation(of: tokens) != nil
    }

    /// How many guesses of a step's were right.
    package mutating func learn(acceptedCount: Int, of count: Int) {
        if acceptedCount == count {
            draftCount = min(2 * draftCount, most)
        } else if acceptedCount == 0 {
            draftCount = max(1, draftCount / 2)
        }
    }

    /// Where the longest run at the end of `tokens` that stood before went on.
    private mutating func continuation(of tokens: [TokenID]) -> Int? {
        while indexedCount < tokens.count {
            for hash in runHashes(of: tokens, before: indexedCount) {
                continuations[hash] = indexedCount
            }
            indexedCount += 1
        }
        for hash in runHashes(of: tokens, before: tokens.count).reversed() {
            if let position = continuations[hash] { return position }
        }
        return nil
    }

    /// Hashes of the runs that end before a position, shortest first.
    private func runHashes(of tokens: [TokenID], before end: Int) -> [UInt64] {
        guard end >= lengths.lowerBound else { return [] }
        var hash: UInt64 = 0
        var hashes: [UInt64] = []
        for length in 1...min(lengths.upperBound, end) {
            hash = (hash ^ UInt64(tokens[end - length]) &+ 1) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
            if lengths.contains(length) { hashes.append(hash &+ UInt64(length)) }
        }
        return hashes
    }
}
