import Scheduling
import Testing

@Suite struct BlockAllocatorTests {
    let hasher = BlockHasher(key: (1, 2))

    func hash(_ number: Int) -> BlockHash {
        hasher.hash([TokenID(number)], after: hasher.root(salt: nil))
    }

    /// Takes all blocks of a new allocator.
    func full(_ blockCount: Int) throws -> (BlockAllocator, [BlockID]) {
        var allocator = BlockAllocator(blockCount: blockCount)
        let blocks = (0..<blockCount).compactMap { _ in allocator.allocate() }
        try #require(blocks.count == blockCount)
        return (allocator, blocks)
    }

    @Test(arguments: 0..<200)
    func anyOperationsAgreeWithTheNaiveModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let blockCount = Int.random(in: 1...12, using: &random)
        var allocator = BlockAllocator(blockCount: blockCount)
        var naive = NaiveAllocator(blockCount: blockCount)
        for operation in 0..<300 {
            let name = hash(.random(in: 0..<10, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                #expect(allocator.allocate() == naive.allocate(), "seed \(seed), \(operation)")
            case 1:
                if let block = (naive.used + naive.cached).randomElement(using: &random) {
                    allocator.retain(block)
                    naive.retain(block)
                }
            case 2:
                let unnamed = naive.used.filter { naive.names[$0] == nil }
                if let block = unnamed.randomElement(using: &random) {
                    allocator.register(block, as: name)
                    naive.register(block, as: name)
                }
            default:
                if let block = naive.used.randomElement(using: &random) {
                    allocator.release(block)
                    naive.release(block)
                }
            }
            let tables = naive.references.flatMap { block, count in
                Array(repeating: [block], count: count)
            }
            try allocator.checkInvariants(blockTables: tables)
            #expect(allocator.availableCount == naive.available.count, "seed \(seed)")
            #expect(allocator.cachedCount == naive.cached.count, "seed \(seed)")
            #expect(allocator.block(for: name) == naive.block(for: name), "seed \(seed)")
        }
    }

    @Test func aFreedBlockIsReusedLastWhenItIsCached() throws {
        var (allocator, blocks) = try full(4)
        allocator.register(blocks[2], as: hash(2))
        for block in [2, 0, 1, 3] { allocator.release(blocks[block]) }
        let order = (0..<4).map { _ in allocator.allocate() }
        #expect(order == [blocks[3], blocks[1], blocks[0], blocks[2]])
    }

    @Test func aCachedBlockIsTakenOutOfTheMiddleOfTheQueue() throws {
        var (allocator, blocks) = try full(3)
        for (number, block) in blocks.enumerated() {
            allocator.register(block, as: hash(number))
            allocator.release(block)
        }
        allocator.retain(blocks[1])
        try allocator.checkInvariants(blockTables: [[blocks[1]]])
        #expect(allocator.allocate() == blocks[0])
        #expect(allocator.allocate() == blocks[2])
        #expect(allocator.allocate() == nil)
    }

    @Test func aHitMakesABlockTheMostRecentlyUsed() throws {
        var (allocator, blocks) = try full(2)
        for (number, block) in blocks.enumerated() {
            allocator.register(block, as: hash(number))
            allocator.release(block)
        }
        allocator.retain(blocks[0])
        allocator.release(blocks[0])
        #expect(allocator.allocate() == blocks[1])
    }

    @Test func theEndOfAPrefixIsEvictedBeforeItsBeginning() throws {
        var (allocator, blocks) = try full(3)
        for (number, block) in blocks.enumerated() { allocator.register(block, as: hash(number)) }
        allocator.release(blocks)
        #expect(allocator.allocate() == blocks[2])
        #expect(allocator.block(for: hash(2)) == nil)
        #expect(allocator.block(for: hash(0)) == blocks[0])
    }

    @Test func aSecondBlockWithTheSameContentStaysUnregistered() throws {
        var (allocator, blocks) = try full(2)
        allocator.register(blocks[0], as: hash(5))
        allocator.register(blocks[1], as: hash(5))
        allocator.release(blocks)
        #expect(allocator.block(for: hash(5)) == blocks[0])
        #expect(allocator.freeCount == 1)
        #expect(allocator.cachedCount == 1)
        try allocator.checkInvariants(blockTables: [])
    }

    @Test func aSharedBlockIsFreedByItsLastOwner() throws {
        var (allocator, blocks) = try full(1)
        allocator.retain(blocks[0])
        allocator.release(blocks[0])
        #expect(allocator.usedCount == 1)
        #expect(allocator.allocate() == nil)
        allocator.release(blocks[0])
        #expect(allocator.freeCount == 1)
    }

    @Test func aReferenceCountThatIsNoTablesIsReported() throws {
        let (allocator, blocks) = try full(2)
        #expect(throws: InvariantViolation.self) {
            try allocator.checkInvariants(blockTables: [blocks, [blocks[0]]])
        }
    }
}
