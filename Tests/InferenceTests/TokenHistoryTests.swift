import Inference
import Kernels
import Models
import Scheduling
import ShaderParams
import Testing

/// What the device is told of a sequence's tokens.
struct TokenHistoryTests {
    private func history(
        _ rules: LogitRules,
        prompt: [TokenID] = [1, 2, 1],
        stopping: StopConditions = StopConditions(maxTokens: 10)
    ) -> TokenHistory {
        TokenHistory(
            GenerationRequest(promptTokens: prompt, rules: rules, stopping: stopping),
            mask: nil,
            vocabularySize: 100
        )
    }

    private func counts(_ history: TokenHistory) -> [TokenID: Int] {
        Dictionary(
            uniqueKeysWithValues: history.edits.map {
                ($0.token, Int($0.count & ~LogitEdit.seenFlag))
            }
        )
    }

    private func bans(_ edit: SampleEdit?) -> [[UInt32]] {
        (edit?.bans ?? []).map { [$0.token, $0.after] }
    }

    @Test func withoutRulesThereIsNothingToTell() {
        var history = history(LogitRules())
        history.append(5)
        #expect(history.edit(ofSample: 0, outputIndex: 1, newestRow: nil) == nil)
    }

    @Test func theOutputIsCountedAndThePromptOnlySeenWhereRepetitionIsPenalised() {
        var frequency = history(LogitRules(frequencyPenalty: 1))
        #expect(frequency.edit(ofSample: 0, outputIndex: 0, newestRow: nil) == nil)
        for token: TokenID in [7, 1, 7] { frequency.append(token) }
        #expect(counts(frequency) == [7: 2, 1: 1])
        var repetition = history(LogitRules(repetitionPenalty: 2))
        repetition.append(2)
        #expect(counts(repetition) == [1: 0, 2: 1])
        #expect(repetition.edits.allSatisfy { $0.count & LogitEdit.seenFlag != 0 })
    }

    @Test func aTokenTheHostDoesNotKnowIsLeftToTheDevice() throws {
        let history = history(LogitRules(presencePenalty: 1))
        let edit = try #require(history.edit(ofSample: 3, outputIndex: 1, newestRow: 8))
        #expect(edit.sample == 3)
        #expect(edit.newestRow == 8)
        #expect(edit.edits.isEmpty && edit.presencePenalty == 1)
    }

    @Test func aBiasIsNoSighting() {
        let history = history(LogitRules(bias: [9: 2, 4: -1]))
        #expect(history.edits.map(\.token) == [4, 9])
        #expect(history.edits.map(\.bias) == [-1, 2])
        #expect(history.edits.allSatisfy { $0.count == 0 })
    }

    @Test func tokensOutsideTheVocabularyNeverReachTheDevice() {
        var history = history(
            LogitRules(repetitionPenalty: 2, bias: [100: 1], bannedRuns: [[100]]),
            prompt: [5, 100],
            stopping: StopConditions(maxTokens: 5, minTokens: 3, stopTokens: [6, 1000])
        )
        history.append(.max)
        #expect(history.edits.map(\.token) == [5])
        let edit = history.edit(ofSample: 0, outputIndex: 1, newestRow: nil)
        #expect(bans(edit) == [[6, TokenBan.always]])
    }

    @Test func stopTokensAreBannedUntilEnoughWasSaid() {
        let stopping = StopConditions(maxTokens: 9, minTokens: 2, stopTokens: [3, 8])
        let history = history(LogitRules(), stopping: stopping)
        let always = TokenBan.always
        for index in 0..<2 {
            let edit = history.edit(ofSample: 0, outputIndex: index, newestRow: nil)
            #expect(bans(edit) == [[3, always], [8, always]])
        }
        #expect(history.edit(ofSample: 0, outputIndex: 2, newestRow: nil) == nil)
    }

    @Test func theEndOfABannedRunIsBannedWhereTheOutputEndsWithItsBeginning() {
        var history = history(LogitRules(bannedRuns: [[4], [5, 6], [5, 7, 8]]))
        let always = TokenBan.always
        func now(_ row: UInt32? = nil) -> [[UInt32]] {
            bans(history.edit(ofSample: 0, outputIndex: 1, newestRow: row))
        }
        // The prompt is no part of the output.
        #expect(now() == [[4, always]])
        // Whether the unknown token begins a run is for the device to say.
        #expect(now(0) == [[4, always], [6, 5]])
        history.append(5)
        #expect(now() == [[4, always], [6, always]])
        #expect(now(0) == [[4, always], [6, 5], [8, 7]])
        history.append(7)
        #expect(now() == [[4, always], [8, always]])
        history.append(5)
        history.append(9)
        #expect(now() == [[4, always]])
    }
}
