/// A regular expression over Unicode scalars, leftmost and first alternative first, as Oniguruma
/// and Perl match.
///
/// The matcher goes back where it has to, and after a thousand steps of one attempt remembers what
/// failed where: repetitions within repetitions cost at most the square of the text, never two to
/// its power.
struct Expression: Sendable {
    enum Instruction: Sendable {
        case set(Int)
        /// As many scalars of a set as there are; what follows may give some back.
        case run(Int, minimum: Int, maximum: Int, isPossessive: Bool)
        /// Tries `first`, then `second`.
        case split(first: Int, second: Int)
        case jump(Int)
        /// The instructions up to `end` must match from here, or must not. They end in `accept`.
        case look(isNegated: Bool, end: Int)
        /// The same with the scalar before here.
        case lookBehind(Int, isNegated: Bool)
        case atomic(end: Int)
        case place(ExpressionNode.Place)
        case accept
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ScalarSet] = []

    init(_ pattern: String) throws(ExpressionError) {
        try compile(try ExpressionParser.parse(pattern))
        try emit(.accept)
    }

    /// The first match in `text` at or after `start`.
    func firstMatch(in text: [UInt32], from start: Int) -> Range<Int>? {
        var matcher = ExpressionMatcher(self, text)
        var place = start
        while place <= text.count {
            if let end = matcher.match(from: place) { return place..<end }
            place += 1
        }
        return nil
    }

    /// All matches that are not empty, from left to right.
    func matches(in text: [UInt32]) -> [Range<Int>] {
        var matcher = ExpressionMatcher(self, text)
        var found: [Range<Int>] = []
        var place = 0
        while place < text.count {
            if let end = matcher.match(from: place), end > place {
                found.append(place..<end)
                place = end
            } else {
                place += 1
            }
        }
        return found
    }

    // MARK: - Compiling

    @discardableResult
    private mutating func emit(_ instruction: Instruction) throws(ExpressionError) -> Int {
        guard instructions.count < ExpressionLimits.instructionCount else {
            throw ExpressionError(problem: "it is too large")
        }
        instructions.append(instruction)
        return instructions.count - 1
    }

    private mutating func index(of set: ScalarSet) -> Int {
        sets.append(set)
        return sets.count - 1
    }

    private mutating func compile(_ node: ExpressionNode) throws(ExpressionError) {
        switch node {
        case .empty: break
        case .set(let set): try emit(.set(index(of: set)))
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .alternatives(let nodes): try compile(alternatives: nodes)
        case .repetition(let node, let minimum, let maximum, let greed):
            try compile(repetition: node, minimum, maximum, greed)
        case .look(let node, .ahead, let isNegated):
            let look = try emit(.accept)
            try compile(node)
            try emit(.accept)
            instructions[look] = .look(isNegated: isNegated, end: instructions.count)
        case .look(let node, .behind, let isNegated):
            guard case .set(let set) = node else {
                throw ExpressionError(problem: "it looks back at more than one character")
            }
            try emit(.lookBehind(index(of: set), isNegated: isNegated))
        case .atomic(let node):
            let atomic = try emit(.accept)
            try compile(node)
            try emit(.accept)
            instructions[atomic] = .atomic(end: instructions.count)
        case .place(let place): try emit(.place(place))
        }
    }

    private mutating func compile(alternatives nodes: [ExpressionNode]) throws(ExpressionError) {
        var jumps: [Int] = []
        for node in nodes.dropLast() {
            let split = try emit(.accept)
            try compile(node)
            jumps.append(try emit(.accept))
            instructions[split] = .split(first: split + 1, second: instructions.count)
        }
        if let last = nodes.last { try compile(last) }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func compile(
        repetition node: ExpressionNode,
        _ minimum: Int,
        _ maximum: Int?,
        _ greed: ExpressionNode.Greed
    ) throws(ExpressionError) {
        if case .set(let set) = node, greed != .lazy {
            try emit(
                .run(
                    index(of: set),
                    minimum: minimum,
                    maximum: maximum ?? .max,
                    isPossessive: greed == .possessive
                )
            )
            return
        }
        if greed == .possessive {
            return try compile(
                .atomic(.repetition(node, minimum: minimum, maximum: maximum, .greedy))
            )
        }
        for _ in 0..<minimum {
            let before = instructions.count
            try compile(node)
            // Nothing, a thousand times a thousand times, is nothing.
            if instructions.count == before { return }
        }
        guard let maximum else { return try compile(loop: node, greed) }
        var splits: [Int] = []
        for _ in minimum..<max(minimum, maximum) {
            splits.append(try emit(.accept))
            try compile(node)
        }
        for split in splits {
            instructions[split] = Self.split(split + 1, instructions.count, greed)
        }
    }

    private mutating func compile(
        loop node: ExpressionNode,
        _ greed: ExpressionNode.Greed
    ) throws(ExpressionError) {
        let split = try emit(.accept)
        try compile(node)
        try emit(.jump(split))
        instructions[split] = Self.split(split + 1, instructions.count, greed)
    }

    private static func split(
        _ inner: Int,
        _ after: Int,
        _ greed: ExpressionNode.Greed
    ) -> Instruction {
        greed == .lazy ? .split(first: after, second: inner) : .split(first: inner, second: after)
    }
}
