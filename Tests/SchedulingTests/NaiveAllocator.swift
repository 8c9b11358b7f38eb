import Scheduling

/// The allocator as one would explain it: lists, searched from end to end.
struct NaiveAllocator {
    private(set) var references: [BlockID: Int] = [:]
    private(set) var names: [BlockID: BlockHash] = [:]
    /// Free, then cached; taken from the front.
    private(set) var available: [BlockID]

    init(blockCount: Int) {
        available = (0..<UInt32(blockCount)).map { BlockID(rawValue: $0) }
    }

    var used: [BlockID] { references.keys.sorted { $0.rawValue < $1.rawValue } }
    var cached: [BlockID] { available.filter { names[$0] != nil } }

    mutating func allocate() -> BlockID? {
        guard !available.isEmpty else { return nil }
        let block = available.removeFirst()
        names[block] = nil
        references[block] = 1
        return block
    }

    mutating func retain(_ block: BlockID) {
        available.removeAll { $0 == block }
        references[block, default: 0] += 1
    }

    mutating func release(_ block: BlockID) {
        guard let count = references[block] else { return }
        guard count == 1 else {
            references[block] = count - 1
            return
        }
        references[block] = nil
        available.insert(block, at: names[block] == nil ? 0 : available.count)
    }

    mutating func register(_ block: BlockID, as hash: BlockHash) {
        if !names.values.contains(hash) { names[block] = hash }
    }

    func block(for hash: BlockHash) -> BlockID? {
        names.first { $0.value == hash }?.key
    }
}
