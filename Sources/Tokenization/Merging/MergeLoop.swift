/// A piece of text that is one token, or may become one, in a doubly linked list of its neighbours.
struct MergeSymbol {
    /// The token these bytes are, or `noToken`.
    var token: UInt32
    /// The bytes, as offsets into the text.
    var start: UInt32
    var end: UInt32
    var previous: Int32 = -1
    var next: Int32 = -1
    /// What this and the next symbol merge into; `noMerge` in `priority` when they do not.
    var merge = Merge.none

    static let noToken = UInt32.max
}

/// What two neighbours become, and how soon: the lowest priority goes first.
struct Merge {
    var priority: UInt32
    var token: UInt32

    static let none = Merge(priority: .max, token: MergeSymbol.noToken)
}

/// What decides which neighbours merge: ranks in BPE, scores in SentencePiece.
protocol MergeRule {
    /// `Merge.none` when the two do not merge.
    func merge(_ left: MergeSymbol, _ right: MergeSymbol) -> Merge
}

/// Merges neighbours, best first and of equal ones leftmost first, until none merge: n symbols in
/// O(n log n), however long the word.
///
/// An entry of the queue may be out of date, as its symbols can have merged otherwise since. It is
/// valid exactly when the symbol at its position still wants a merge of its priority: if that is
/// another merge than the entry was made for, it is of the same priority and place, and due now.
///
/// One value serves many words, so that they share its buffers.
struct MergeLoop {
    private(set) var symbols: [MergeSymbol] = []
    private var queue = MergeQueue()

    mutating func removeAll() { symbols.removeAll(keepingCapacity: true) }

    /// Adds a symbol at the end of the word.
    mutating func append(token: UInt32, start: Int, end: Int) {
        let index = Int32(symbols.count)
        symbols.append(
            MergeSymbol(
                token: token,
                start: UInt32(start),
                end: UInt32(end),
                previous: index - 1
            )
        )
        if index > 0 { symbols[Int(index) - 1].next = index }
    }

    mutating func run(_ rule: borrowing some MergeRule) {
        queue.removeAll()
        for index in symbols.indices.dropLast() {
            let merge = rule.merge(symbols[index], symbols[index + 1])
            symbols[index].merge = merge
            if merge.priority != .max { queue.appendUnordered(Self.key(merge, index)) }
        }
        queue.heapify()
        while let key = queue.popFirst() {
            let index = Int(key & 0xFFFF_FFFF)
            guard symbols[index].merge.priority == UInt32(key >> 32) else { continue }
            absorbNext(index)
            if symbols[index].previous >= 0 { update(Int(symbols[index].previous), rule) }
            update(index, rule)
        }
    }

    /// Calls `body` with each symbol that is left, in the order of the text.
    func forEach(_ body: (MergeSymbol) -> Void) {
        var index: Int32 = symbols.isEmpty ? -1 : 0
        while index >= 0 {
            body(symbols[Int(index)])
            index = symbols[Int(index)].next
        }
    }

    private mutating func absorbNext(_ index: Int) {
        let absorbed = Int(symbols[index].next)
        let following = symbols[absorbed].next
        symbols[index].token = symbols[index].merge.token
        symbols[index].end = symbols[absorbed].end
        symbols[index].next = following
        symbols[absorbed].merge = .none
        if following >= 0 { symbols[Int(following)].previous = Int32(index) }
    }

    private mutating func update(_ index: Int, _ rule: borrowing some MergeRule) {
        let next = Int(symbols[index].next)
        let merge = next < 0 ? .none : rule.merge(symbols[index], symbols[next])
        symbols[index].merge = merge
        if merge.priority != .max { queue.insert(Self.key(merge, index)) }
    }

    private static func key(_ merge: Merge, _ index: Int) -> UInt64 {
        UInt64(merge.priority) << 32 | UInt64(index)
    }
}
