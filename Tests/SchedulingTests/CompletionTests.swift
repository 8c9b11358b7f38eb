import Scheduling
import Testing

@Suite struct CompletionTests {
    /// The tokens and the end of a request whose step `i` samples `tokens[i]`.
    func run(
        _ stopping: StopConditions,
        sampling tokens: [TokenID],
        modelLength: Int = 64
    ) throws -> (Int, FinishReason?) {
        var scheduler = try Scheduler(limits: .tiny(modelLength: modelLength))
        _ = try scheduler.add(
            SequenceRequest(promptTokens: [1, 2, 3], sampling: .greedy, stopping: stopping)
        )
        for (index, token) in tokens.enumerated() {
            let (_, completed) = try scheduler.step(sampling: token)
            if let reason = completed.outputs.first?.finishReason {
                #expect(scheduler.isIdle)
                return (index + 1, reason)
            }
        }
        return (tokens.count, nil)
    }

    @Test func aStopTokenEndsASequence() throws {
        let end = try run(StopConditions(maxTokens: 9, stopTokens: [4]), sampling: [5, 4, 4])
        #expect(end == (2, .stop(4)))
    }

    @Test func aStopTokenIsIgnoredBeforeMinTokens() throws {
        let stopping = StopConditions(maxTokens: 9, minTokens: 3, stopTokens: [4])
        #expect(try run(stopping, sampling: [4, 4, 4, 4]) == (3, .stop(4)))
    }

    @Test func maxTokensEndASequence() throws {
        #expect(try run(StopConditions(maxTokens: 2), sampling: [5, 5, 5]) == (2, .length))
    }

    @Test func maxTokensEndASequenceEvenBelowMinTokens() throws {
        let stopping = StopConditions(maxTokens: 2, minTokens: 5)
        #expect(try run(stopping, sampling: [5, 5, 5]) == (2, .length))
    }

    @Test func theModelsLengthEndsASequence() throws {
        let end = try run(StopConditions(maxTokens: 99), sampling: [5, 5, 5, 5], modelLength: 6)
        #expect(end == (3, .length))
    }

    @Test func aStopTokenAtTheLastPlaceIsAStop() throws {
        let stopping = StopConditions(maxTokens: 2, stopTokens: [4])
        #expect(try run(stopping, sampling: [5, 4]) == (2, .stop(4)))
    }

    @Test func theLastTokenIsNeverComputed() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(.prompt(4, maxTokens: 1))
        let batch = scheduler.schedule()
        #expect(scheduler[id]?.blockTable.count == 1)
        _ = scheduler.complete(batch, sampled: [5])
        #expect(scheduler.schedule().isEmpty)
    }
}
