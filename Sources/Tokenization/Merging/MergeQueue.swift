/// A min-heap of 64-bit keys: priority in the upper half, position in the lower, so that the most
/// wanted merge comes first and of equal ones the leftmost.
struct MergeQueue: Sendable {
    private var keys: [UInt64] = []

    var isEmpty: Bool { keys.isEmpty }

    mutating func removeAll() { keys.removeAll(keepingCapacity: true) }

    /// Adds a key without keeping the order; `heapify` restores it, in linear time for them all.
    mutating func appendUnordered(_ key: UInt64) { keys.append(key) }

    mutating func heapify() {
        for index in stride(from: keys.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    mutating func insert(_ key: UInt64) {
        var index = keys.count
        keys.append(key)
        while index > 0 {
            let parent = (index - 1) / 2
            guard key < keys[parent] else { break }
            keys[index] = keys[parent]
            index = parent
        }
        keys[index] = key
    }

    mutating func popFirst() -> UInt64? {
        guard let last = keys.popLast() else { return nil }
        guard let first = keys.first else { return last }
        keys[0] = last
        siftDown(0)
        return first
    }

    private mutating func siftDown(_ start: Int) {
        let key = keys[start]
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < keys.count else { break }
            if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
            guard keys[child] < key else { break }
            keys[index] = keys[child]
            index = child
        }
        keys[index] = key
    }
}
