import Scheduling
import Testing

@Suite struct LimitsTests {
    @Test func aStepMustHaveATokenForEveryRunningSequence() {
        #expect(throws: LimitsError.fewerTokensThanSequences(tokens: 3, sequences: 4)) {
            try Scheduler(limits: .tiny(running: 4, batched: 3))
        }
    }

    @Test func limitsThatLeaveNoRoomAreRefusedByName() {
        #expect(throws: LimitsError.tooSmall(name: "blockCount", value: 0, minimum: 1)) {
            try Scheduler(limits: .tiny(blocks: 0))
        }
        #expect(throws: LimitsError.tooSmall(name: "modelLength", value: 1, minimum: 2)) {
            try Scheduler(limits: .tiny(modelLength: 1))
        }
        #expect(throws: LimitsError.tooSmall(name: "watermarkBlockCount", value: -1, minimum: 0)) {
            try Scheduler(limits: .tiny(watermark: -1))
        }
    }

    @Test(arguments: [(0, 0), (1, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
    func blocksAreCountedUp(tokens: Int, blocks: Int) {
        #expect(Limits.tiny().blockCount(forTokens: tokens) == blocks)
    }

    @Test func theWatermarkIsAHundredthOfTheBlocksUnlessGiven() {
        let limits = Limits(
            runningSequenceCount: 1,
            batchedTokenCount: 1,
            modelLength: 2,
            blockCount: 4096
        )
        #expect(limits.watermarkBlockCount == 40)
    }
}
