import Kernels
package import Models
package import Scheduling
package import ShaderParams

/// What a sequence's rules must know of its tokens: each one's count, and the output's end.
///
/// It grows with the tokens that the host knows. A step may be recorded while the newest token is
/// still being drawn: then the device counts that one itself, and bans that hang on it carry it as
/// their condition. Nothing of this is kept on the device, so preemption, recomputation and the
/// parting of choices have nothing to move there. What a step sends is a list as long as the
/// sequence's different tokens, never one as long as the vocabulary.
package struct TokenHistory {
    private let rules: LogitRules
    private let minTokens: Int
    private let stopTokens: [TokenID]
    private let vocabularySize: UInt32
    /// The tokens from which the next one is drawn; nil for all.
    package var mask: TokenMask?
    package private(set) var edits: [LogitEdit] = []
    /// Where each token stands in `edits`.
    private var places: [TokenID: Int] = [:]
    /// The output, as far as banned runs must look back.
    private var recent: [TokenID] = []
    private let lookBack: Int

    /// - Parameter mask: the rules' `allowedTokens` as a mask.
    package init(_ request: GenerationRequest, mask: TokenMask?, vocabularySize: Int) {
        rules = request.rules
        minTokens = request.stopping.minTokens
        self.mask = mask
        self.vocabularySize = UInt32(vocabularySize)
        let limit = self.vocabularySize
        // The device does not check bounds; and what it has no logit for is never drawn.
        stopTokens = request.stopping.stopTokens.filter { $0 < limit }.sorted()
        lookBack = request.rules.bannedRuns.map(\.count).max() ?? 0
        for (token, bias) in rules.bias.sorted(by: { $0.key < $1.key }) where token < limit {
            edits[place(of: token)].bias = bias
        }
        if rules.repetitionPenalty != 1 {
            for token in request.promptTokens where token < limit {
                edits[place(of: token)].count |= LogitEdit.seenFlag
            }
        }
    }

    /// Counts a token that was drawn.
    package mutating func append(_ token: TokenID) {
        if lookBack > 1 {
            recent.append(token)
            if recent.count > lookBack { recent.removeFirst() }
        }
        guard rules.penalisesOutput, token < vocabularySize else { return }
        let place = place(of: token)
        edits[place].count = (edits[place].count + 1) | LogitEdit.seenFlag
    }

    /// How the logits change of which the sequence's token number `outputIndex` is drawn; nil if
    /// they stay as they are.
    /// - Parameter newestRow: where the step before draws the newest token, if that is not known.
    package func edit(
        ofSample sample: Int,
        outputIndex: Int,
        newestRow: UInt32?
    ) -> SampleEdit? {
        let bans = bans(outputIndex: outputIndex, newestIsKnown: newestRow == nil)
        let isCounted = rules.penalisesOutput && outputIndex > 0
        guard mask != nil || !edits.isEmpty || !bans.isEmpty || isCounted else { return nil }
        var edit = SampleEdit(sample: sample)
        edit.mask = mask
        edit.newestRow = newestRow
        edit.edits = edits
        edit.bans = bans
        edit.repetitionPenalty = rules.repetitionPenalty
        edit.presencePenalty = rules.presencePenalty
        edit.frequencyPenalty = rules.frequencyPenalty
        return edit
    }

    private func bans(outputIndex: Int, newestIsKnown: Bool) -> [TokenBan] {
        var bans: [TokenBan] = []
        if outputIndex < minTokens {
            bans = stopTokens.map { TokenBan(token: $0, after: TokenBan.always) }
        }
        for run in rules.bannedRuns {
            guard let token = run.last, token < vocabularySize else { continue }
            var before = run.dropLast()
            var after = TokenBan.always
            if !newestIsKnown, let newest = before.popLast() { after = newest }
            guard recent.suffix(before.count).elementsEqual(before) else { continue }
            bans.append(TokenBan(token: token, after: after))
        }
        return bans
    }

    private mutating func place(of token: TokenID) -> Int {
        if let place = places[token] { return place }
        places[token] = edits.count
        edits.append(LogitEdit(token: token, count: 0, bias: 0))
        return edits.count - 1
    }
}

extension GenerationRequest {
    /// Whether its logits are ever changed.
    var editsLogits: Bool {
        !rules.isEmpty || firstMask != nil
            || stopping.minTokens > 0 && !stopping.stopTokens.isEmpty
    }
}
