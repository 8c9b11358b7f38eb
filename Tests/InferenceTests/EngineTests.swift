import Inference
import Scheduling
import Testing

/// The engine's promises to its callers.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct EngineTests {
    @Test func aDroppedStreamFreesItsBlocksWhileOthersGoOn() async throws {
        let engine = try await TestModel.start(cachesPrefixes: false)
        let request = sampleRequest(2, promptLength: 20, maxTokens: 1000)
        let reader = Task {
            var count = 0
            for await event in try engine.generate(request) {
                if case .token = event { count += 1 }
                if count == 3 { break }
            }
            return count
        }
        #expect(try await reader.value == 3)
        try await engine.waitUntilIdle()
        #expect(engine.statistics.finishedAbortCount == 1)
        #expect(try await engine.run(sampleRequest(0, promptLength: 5)).only.count == 24)
        await engine.shutDown(grace: .zero)
    }

    @Test func aChoiceItsReaderEndsIsDoneWhileTheOthersGoOn() async throws {
        let engine = try await TestModel.start(cachesPrefixes: false)
        var request = sampleRequest(7, promptLength: 37, maxTokens: 40)
        request.choiceCount = 2
        let whole = try await engine.run(request)
        let stream = try engine.generate(request)
        var result = Generated()
        for await event in stream {
            if case .token(let choice, let token) = event {
                result.tokens[choice, default: []].append(token.id)
                if choice == 0 && result.only.count == 3 { stream.endChoice(0) }
            }
            if case .finished(let choice, let reason) = event { result.reasons[choice] = reason }
        }
        #expect(result.tokens[1] == whole.tokens[1])
        #expect(result.only.count < 20 && whole.only.starts(with: result.only))
        #expect(result.reasons == [1: .length])
        // The request ends with its last choice, and was not aborted.
        let single = try engine.generate(sampleRequest(1, promptLength: 9, maxTokens: 1000))
        for await event in single { if case .token = event { single.endChoice(0) } }
        try await engine.waitUntilIdle()
        #expect(engine.statistics.finishedAbortCount == 0)
        #expect(engine.statistics.finishedLengthCount == 2)
        #expect(engine.statistics.finishedStopCount == 1)
        await engine.shutDown(grace: .zero)
    }

    @Test func theSnapshotSaysWhatEachSequenceHoldsAndHowLongAStepTook() async throws {
        let engine = try await TestModel.start(blockCount: 64, cachesPrefixes: false)
        #expect(engine.statistics.budget?.blockCount == 64)
        let stream = try engine.generate(sampleRequest(0, promptLength: 40, maxTokens: 200))
        var seen: EngineStatistics?
        for await event in stream {
            guard case .token = event else { continue }
            let now = engine.statistics
            guard let usage = now.running.first, now.lastStep != nil else { continue }
            #expect(usage.blockCount == now.usedBlockCount)
            #expect(usage.tokenCount >= 40 && usage.tokenCount <= 16 * usage.blockCount)
            seen = now
            break
        }
        let step = try #require(seen?.lastStep)
        #expect(step.sequenceCount == 1 && step.tokenCount >= 1)
        #expect(step.scheduleSeconds > 0 && step.scheduleSeconds < 1)
        #expect(try #require(step.deviceSeconds) > 0)
        await engine.shutDown(grace: .zero)
    }

    @Test func aStopTokenEndsTheSequenceUnlessTooEarly() async throws {
        let engine = try await TestModel.start()
        var request = sampleRequest(0, promptLength: 12)
        let tokens = try await engine.run(request).only
        let stop = tokens[4]
        request.stopping = StopConditions(maxTokens: 24, stopTokens: [stop])
        let stopped = try await engine.run(request)
        let first = try #require(tokens.firstIndex(of: stop))
        #expect(stopped.only == Array(tokens[...first]))
        #expect(stopped.reasons[0] == .stop(stop))
        request.stopping = StopConditions(maxTokens: 24, minTokens: 24, stopTokens: [stop])
        let longer = try await engine.run(request)
        #expect(longer.only.count == 24 && !longer.only.contains(stop))
        #expect(longer.reasons[0] == .length)
        await engine.shutDown(grace: .zero)
    }

    @Test func whatCannotRunIsRefusedWithNumbers() async throws {
        let engine = try await TestModel.start(blockCount: 4, maxModelLength: 256)
        let long = sampleRequest(0, promptLength: 64)
        #expect(throws: AdmissionError.promptTooLong(tokenCount: 64, maxModelLength: 64)) {
            try engine.generate(long)
        }
        // As much as the pool holds, though more was asked for.
        let large = try await engine.run(sampleRequest(0, promptLength: 60))
        #expect(large.only.count == 4)
        #expect(large.reasons[0] == .length)
        await engine.shutDown(grace: .zero)
        #expect(throws: AdmissionError.unavailable(.draining)) {
            try engine.generate(sampleRequest(0, promptLength: 5))
        }
    }

    @Test func aFullQueueTurnsRequestsAwayAndLosesNone() async throws {
        let engine = try await TestModel.start(sequenceCount: 2, waitingRequestCount: 3)
        var streams: [GenerationStream] = []
        var refusals = 0
        for index in 0..<40 {
            do throws(AdmissionError) {
                streams.append(
                    try engine.generate(sampleRequest(index, promptLength: 9, maxTokens: 8))
                )
            } catch {
                guard case .queueFull(_, 3, let retryAfter) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(retryAfter >= 1)
                refusals += 1
            }
        }
        #expect(refusals > 0 && streams.count >= 5)
        for stream in streams {
            var finished = 0
            for await event in stream { if case .finished = event { finished += 1 } }
            #expect(finished == 1)
        }
        #expect(engine.statistics.rejectedQueueFullCount == refusals)
        await engine.shutDown(grace: .zero)
    }

    @Test func theDevicesTimeIsThatOfTheStepsAndDoesNotCountSleep() async throws {
        let engine = try await TestModel.start(cachesPrefixes: false)
        let start = ContinuousClock.now
        _ = try await engine.run(sampleRequest(0, promptLength: 60))
        let ran = ContinuousClock.now - start
        try await engine.waitUntilIdle()
        let first = engine.statistics
        try #require(first.deviceBusySeconds > 0, "a device without timestamps")
        #expect(.seconds(first.deviceBusySeconds + first.deviceIdleSeconds) <= ran)
        #expect(.seconds(first.deviceBusySeconds) > ran / 4)
        try await Task.sleep(for: .seconds(1))
        let again = ContinuousClock.now
        _ = try await engine.run(sampleRequest(0, promptLength: 60))
        let ranAgain = ContinuousClock.now - again
        let second = engine.statistics
        #expect(second.deviceBusySeconds > first.deviceBusySeconds)
        let total = second.deviceBusySeconds + second.deviceIdleSeconds
        // The second of sleep is not among the device's idle time.
        #expect(.seconds(total) <= ran + ranAgain)
        #expect(second.deviceIdleShare < 1)
        await engine.shutDown(grace: .zero)
    }

    @Test func aShutdownFinishesWhatRuns() async throws {
        let engine = try await TestModel.start()
        let request = sampleRequest(0, promptLength: 5)
        let stream = try engine.generate(request)
        await engine.shutDown(grace: .seconds(60))
        var count = 0
        var reason: FinishReason?
        for await event in stream {
            if case .token = event { count += 1 }
            if case .finished(_, let why) = event { reason = why }
        }
        #expect(count == 24)
        #expect(reason == .length)
    }

    @Test func aDeadlineEndsARequestWithAnError() async throws {
        let engine = try await TestModel.start()
        var request = sampleRequest(0, promptLength: 5, maxTokens: 2000)
        request.deadline = .milliseconds(300)
        await #expect(throws: EngineError.deadlineExceeded) { try await engine.run(request) }
        try await engine.waitUntilIdle()
        await engine.shutDown(grace: .zero)
    }
}
