import Inference
import Kernels
import Models
import Scheduling
import ShaderParams
import Testing

/// Random workloads through the real scheduler, two batches on their way, with choices, preemption
/// and aborts: what a step is told of a sequence's tokens, with the token that only the device
/// knows, is always what the sequence has said.
struct TokenHistoriesTests {
    private static let vocabularySize = 12

    private struct Workload {
        var generator: SplitMix
        var scheduler: Scheduler
        var histories = TokenHistories()
        var requests: [RequestID: GenerationRequest] = [:]
        /// What each sequence has drawn, the host's knowledge aside.
        var drawn: [SequenceID: [TokenID]] = [:]
        var lastSamples: [TokenID] = []
        var preemptedCount = 0
        var newestCount = 0

        init(seed: UInt64) throws {
            generator = SplitMix(seed: seed)
            scheduler = try Scheduler(
                limits: Limits(
                    runningSequenceCount: 6,
                    batchedTokenCount: 12,
                    modelLength: 40,
                    blockSize: 4,
                    blockCount: 16,
                    waitingRequestCount: 100,
                    waitingPromptTokenCount: 10_000
                )
            )
        }

        mutating func add() throws {
            func tokens(_ counts: ClosedRange<Int>) -> [TokenID] {
                (0..<Int.random(in: counts, using: &generator)).map { _ in
                    TokenID.random(in: 0..<TokenID(vocabularySize), using: &generator)
                }
            }
            var rules = LogitRules()
            if Bool.random(using: &generator) { rules.repetitionPenalty = 1.5 }
            if Bool.random(using: &generator) { rules.frequencyPenalty = 0.5 }
            if Bool.random(using: &generator) {
                rules.bannedRuns = (0..<4).map { _ in tokens(1...3) }
            }
            let request = GenerationRequest(
                promptTokens: tokens(1...15),
                rules: rules,
                stopping: StopConditions(
                    maxTokens: Int.random(in: 1...20, using: &generator),
                    minTokens: 2,
                    stopTokens: [3]
                ),
                choiceCount: Int.random(in: 1...3, using: &generator)
            )
            let id = try scheduler.add(
                SequenceRequest(
                    promptTokens: request.promptTokens,
                    stopping: request.stopping,
                    choiceCount: request.choiceCount
                )
            )
            requests[id] = request
        }

        /// Runs a batch on a device that draws anything.
        mutating func run(_ batch: ScheduledBatch) throws -> [TokenID] {
            preemptedCount += batch.preempted.count
            let edits = histories.edits(of: batch) { [requests] id in
                requests[id].map {
                    TokenHistory($0, mask: nil, vocabularySize: vocabularySize)
                }
            }
            for edit in edits {
                let sequence = batch.samples[edit.sample].sequence
                let request = try #require(requests[sequence.request])
                let output = drawn[sequence] ?? []
                #expect(batch.samples[edit.sample].outputIndex == output.count)
                check(edit, request, output)
            }
            let told = Set(edits.map(\.sample))
            for (row, sample) in batch.samples.enumerated() where !told.contains(row) {
                // Nothing to tell means nothing was said that matters.
                let request = try #require(requests[sample.sequence.request])
                let output = drawn[sample.sequence] ?? []
                #expect(expectedBans(request, output).isEmpty)
                #expect(expectedCounts(request, output).isEmpty)
            }
            lastSamples = batch.samples.map { sample in
                let token = TokenID.random(in: 0..<TokenID(vocabularySize), using: &generator)
                drawn[sample.sequence, default: []].append(token)
                return token
            }
            return lastSamples
        }

        private mutating func check(
            _ edit: SampleEdit,
            _ request: GenerationRequest,
            _ output: [TokenID]
        ) {
            let newest = edit.newestRow.map { lastSamples[Int($0)] }
            if newest != nil { newestCount += 1 }
            var counts: [TokenID: Int] = [:]
            for entry in edit.edits where entry.count & LogitEdit.seenFlag != 0 {
                counts[entry.token] = Int(entry.count & ~LogitEdit.seenFlag)
            }
            if let newest, edit.repetitionPenalty != 1 || edit.frequencyPenalty != 0 {
                counts[newest, default: 0] += 1
            }
            #expect(counts == expectedCounts(request, output))
            let bans = edit.bans.filter { $0.after == TokenBan.always || $0.after == newest }
            #expect(Set(bans.map(\.token)) == expectedBans(request, output))
        }

        private func expectedCounts(
            _ request: GenerationRequest,
            _ output: [TokenID]
        ) -> [TokenID: Int] {
            let rules = request.rules
            guard rules.repetitionPenalty != 1 || rules.frequencyPenalty != 0 else { return [:] }
            var counts: [TokenID: Int] = [:]
            if rules.repetitionPenalty != 1 {
                for token in request.promptTokens { counts[token] = 0 }
            }
            for token in output { counts[token, default: 0] += 1 }
            return counts
        }

        private func expectedBans(
            _ request: GenerationRequest,
            _ output: [TokenID]
        ) -> Set<TokenID> {
            var banned = request.rules.bannedRuns.compactMap { run -> TokenID? in
                let before = run.dropLast()
                let fits = output.count >= before.count && output.suffix(before.count) == before
                return fits ? run.last : nil
            }
            if output.count < request.stopping.minTokens {
                banned += Array(request.stopping.stopTokens)
            }
            return Set(banned)
        }

        mutating func complete(_ batch: ScheduledBatch, _ samples: [TokenID]) {
            for output in scheduler.complete(batch, sampled: samples).outputs {
                histories.append(output.token, to: output.sequence)
            }
        }

        mutating func abortAny() {
            guard let id = requests.keys.sorted().randomElement(using: &generator) else { return }
            scheduler.abort(id)
            histories.end(id, choiceCount: requests[id]?.choiceCount ?? 0)
        }
    }

    @Test func whatAStepIsToldIsWhatWasSaid() throws {
        var (preempted, newest) = (0, 0)
        for seed in 1...60 {
            var workload = try Workload(seed: UInt64(seed))
            var inFlight: [(ScheduledBatch, [TokenID])] = []
            for step in 0..<150 {
                if step < 100, step.isMultiple(of: 3) { try workload.add() }
                if step % 29 == 28 { workload.abortAny() }
                let batch = workload.scheduler.schedule()
                if !batch.isEmpty { inFlight.append((batch, try workload.run(batch))) }
                // Sometimes one batch stays on its way, sometimes none.
                let keep = Int.random(in: 0...1, using: &workload.generator)
                while inFlight.count > keep {
                    let (batch, samples) = inFlight.removeFirst()
                    workload.complete(batch, samples)
                }
            }
            preempted += workload.preemptedCount
            newest += workload.newestCount
        }
        #expect(preempted > 50 && newest > 1000)
    }

    @Test func aRequestThatEndsLeavesNothingBehind() throws {
        var workload = try Workload(seed: 1)
        for _ in 0..<3 { try workload.add() }
        let batch = workload.scheduler.schedule()
        workload.complete(batch, try workload.run(batch))
        #expect(workload.histories.count > 0)
        for (id, request) in workload.requests {
            workload.histories.end(id, choiceCount: request.choiceCount)
        }
        #expect(workload.histories.count == 0)
    }
}
