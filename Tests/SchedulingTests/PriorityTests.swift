import Scheduling
import Testing

@Suite struct PriorityTests {
    @Test func lowerValuesAreAdmittedFirst() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 1), policy: .priority)
        let ids = try [3, -1, 0, -1].map {
            try scheduler.add(.prompt(3, maxTokens: 1, priority: $0))
        }
        let order = try (0..<4).compactMap { _ in try scheduler.step().0.requests.first }
        #expect(order == [ids[1], ids[3], ids[2], ids[0]])
    }

    @Test func arrivalDecidesAmongEqualsAndUnderFirstComeFirstServed() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 1), policy: .fcfs)
        let ids = try [3, -1, 0].map { try scheduler.add(.prompt(3, maxTokens: 1, priority: $0)) }
        let order = try (0..<3).compactMap { _ in try scheduler.step().0.requests.first }
        #expect(order == ids)
    }

    @Test func whoIsPreemptedWaitsBehindTheMoreImportant() throws {
        var scheduler = try Scheduler(
            limits: .tiny(blocks: 2),
            policy: .priority,
            cachesPrefixes: false
        )
        let high = try scheduler.add(.prompt(3, maxTokens: 3, priority: 0))
        let low = try scheduler.add(.prompt(3, from: 1, maxTokens: 3, priority: 2))
        try scheduler.step()
        try scheduler.step()
        let (batch, _) = try scheduler.step()
        #expect(batch.preempted.map(\.request) == [low])
        #expect(batch.requests == [high])
        let middle = try scheduler.add(.prompt(3, from: 50, maxTokens: 1, priority: 1))
        #expect(try scheduler.step().0.requests.first == middle)
    }
}
