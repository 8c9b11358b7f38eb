import DequeModule

/// Sequences in the order in which they run: by priority, then arrival, then choice.
///
/// Both of the scheduler's queues are kept in this order. A preempted sequence therefore goes in
/// front of everything that arrived after it, and the last one running is the one to preempt. A
/// sorted deque: newcomers go to the end and the preempted near the front, both cheap; anything
/// else costs moving at most half of the elements.
struct SequenceQueue: RandomAccessCollection, Sendable {
    /// A sequence's place in the order.
    struct Key: Comparable, Sendable {
        /// Zero for all under `SchedulingPolicy.fcfs`.
        var priority: Int
        var request: RequestID
        var choice: Int

        static func < (left: Key, right: Key) -> Bool {
            (left.priority, left.request, left.choice)
                < (right.priority, right.request, right.choice)
        }
    }

    struct Element: Sendable {
        var key: Key
        /// Where the scheduler keeps the sequence.
        var index: Int
    }

    private var elements: Deque<Element> = []

    var startIndex: Int { 0 }
    var endIndex: Int { elements.count }

    subscript(position: Int) -> Element { elements[position] }

    mutating func insert(_ index: Int, key: Key) {
        elements.insert(Element(key: key, index: index), at: position(of: key))
    }

    mutating func remove(_ index: Int, key: Key) {
        let position = position(of: key)
        precondition(
            position < elements.count && elements[position].index == index,
            "\(key.request) choice \(key.choice) is not in this queue of \(elements.count)"
        )
        elements.remove(at: position)
    }

    /// The position of the first element not before `key`.
    private func position(of key: Key) -> Int {
        guard let last = elements.last, !(last.key < key) else { return elements.count }
        var low = 0
        var high = elements.count - 1
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
