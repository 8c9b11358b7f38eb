/// Guesses of a sequence's next tokens.
///
/// A step that computes the last known token and `n` guesses after it samples `n + 1` tokens, each
/// at its own place in the sequence's random stream. The first is what would have been sampled
/// anyway. As long as a sampled token equals the guess that was computed in its place, the next
/// one is what would have been sampled in the next step, bit for bit; the first that differs ends
/// this, and what was computed of the guesses from there on is forgotten. So every guess is either
/// right or without effect, at any temperature: there is no acceptance to draw.
extension TokenSequence {
    /// Whether a step may check guesses for it: it generates, and the host knows all its tokens.
    var mayBeDrafted: Bool {
        (lookup != nil || draftCount != nil) && pendingTokenCount == 0
            && unforkedChoices.isEmpty && tokens.count > promptTokenCount
            && computedTokenCount == tokens.count - 1 && !isHeld
    }

    /// A guess that only the device knows.
    static let unknownDraft = TokenID.max

    /// Guesses of its next tokens; the one after them must still fit.
    mutating func guess(atMost limit: Int) -> [TokenID] {
        let limit = min(limit, lengthLimit - tokens.count - 1)
        if let draftCount {
            return Array(repeating: Self.unknownDraft, count: max(0, min(limit, draftCount.value)))
        }
        return lookup?.drafts(after: tokens, limit: limit) ?? []
    }

    /// Whether there are guesses of the token that is pending, and so, most likely, of those after
    /// it: then it is worth waiting until that one is known, instead of computing it alone. A draft
    /// model always has some.
    mutating func awaitsGuesses() -> Bool {
        guard pendingTokenCount > 0 else { return false }
        if draftCount != nil { return tokenCount + 1 < lengthLimit }
        guard tokens.count > promptTokenCount else { return false }
        return lookup?.hasDrafts(after: tokens) ?? false
    }

    /// Judges the guess that was computed in a sampled token's place, if there was one.
    mutating func judgeDraft(_ token: TokenID) {
        guard acceptedDraftCount < drafts.count else { return }
        if drafts[acceptedDraftCount] == token {
            acceptedDraftCount += 1
            return
        }
        pendingTokenCount = 0
        // A sequence that was preempted meanwhile has nothing computed.
        if status == .running { computedTokenCount = tokens.count - 1 }
        draftModelLag = 0
    }

    mutating func forgetDrafts() {
        lookup?.learn(acceptedCount: acceptedDraftCount, of: drafts.count)
        draftCount?.learn(acceptedCount: acceptedDraftCount, of: drafts.count)
        drafts = []
        acceptedDraftCount = 0
    }
}
