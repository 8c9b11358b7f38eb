/// Runs an expression over a text. One value serves many attempts, so that they share its stack.
struct ExpressionMatcher {
    private let expression: Expression
    private let text: [UInt32]
    private var stack: [Frame] = []

    /// Where to go on when what was tried fails: at `position`, and if that fails, one scalar
    /// before it, down to `lowest`.
    private struct Frame {
        var instruction: Int
        var position: Int
        var lowest: Int
    }

    /// Steps after which an attempt remembers its failures.
    private static let patience = 1000

    init(_ expression: Expression, _ text: [UInt32]) {
        (self.expression, self.text) = (expression, text)
    }

    /// The end of the match that begins at `start`.
    mutating func match(from start: Int) -> Int? { run(0, start) }

    /// Runs from an instruction to `accept`; returns the place it comes to.
    private mutating func run(_ first: Int, _ start: Int) -> Int? {
        let base = stack.count
        defer { stack.removeSubrange(base...) }
        var (instruction, position) = (first, start)
        var steps = 0
        // (instruction, position) of choices that this run has been at. Being there again means
        // that what followed the first time has failed.
        var tried: Set<UInt64> = []
        while true {
            steps += 1
            var isMatch = true
            switch expression.instructions[instruction] {
            case .accept: return position
            case .jump(let target):
                instruction = target
                continue
            case .set(let set):
                isMatch = position < text.count && expression.sets[set].contains(text[position])
                if isMatch { position += 1 }
            case .run(let set, let minimum, let maximum, let isPossessive):
                let end = runEnd(set, from: position, atMost: maximum)
                isMatch = end - position >= minimum
                if isMatch, !isPossessive, end - position > minimum {
                    stack.append(
                        Frame(
                            instruction: instruction + 1,
                            position: end - 1,
                            lowest: position + minimum
                        )
                    )
                }
                if isMatch { position = end }
            case .split(let first, let second):
                stack.append(Frame(instruction: second, position: position, lowest: position))
                instruction = first - 1
            case .look(let isNegated, let end):
                isMatch = (run(instruction + 1, position) == nil) == isNegated
                if isMatch { instruction = end - 1 }
            case .lookBehind(let set, let isNegated):
                let isThere = position > 0 && expression.sets[set].contains(text[position - 1])
                isMatch = isThere != isNegated
            case .atomic(let end):
                let found = run(instruction + 1, position)
                isMatch = found != nil
                if let found { (instruction, position) = (end - 1, found) }
            case .place(let place): isMatch = isAt(place, position)
            }
            if isMatch {
                instruction += 1
                continue
            }
            guard let (next, place) = takeFrame(above: base, steps, &tried) else { return nil }
            (instruction, position) = (next, place)
        }
    }

    /// The next thing to try that has not failed already.
    private mutating func takeFrame(
        above base: Int,
        _ steps: Int,
        _ tried: inout Set<UInt64>
    ) -> (instruction: Int, position: Int)? {
        while stack.count > base {
            let top = stack.count - 1
            let frame = stack[top]
            if frame.position > frame.lowest {
                stack[top].position -= 1
            } else {
                stack.removeLast()
            }
            guard steps > Self.patience else { return (frame.instruction, frame.position) }
            let key = UInt64(frame.instruction) << 32 | UInt64(frame.position)
            if tried.insert(key).inserted { return (frame.instruction, frame.position) }
        }
        return nil
    }

    private func runEnd(_ set: Int, from start: Int, atMost maximum: Int) -> Int {
        let limit = maximum < text.count - start ? start + maximum : text.count
        var end = start
        while end < limit, expression.sets[set].contains(text[end]) { end += 1 }
        return end
    }

    private func isAt(_ place: ExpressionNode.Place, _ position: Int) -> Bool {
        switch place {
        case .textStart: position == 0
        case .textEnd: position == text.count
        case .lastLineEnd:
            position == text.count || (position == text.count - 1 && text[position] == 0xA)
        case .lineStart: position == 0 || text[position - 1] == 0xA
        case .lineEnd: position == text.count || text[position] == 0xA
        case .wordEdge: isWordEdge(position)
        case .noWordEdge: !isWordEdge(position)
        }
    }

    private func isWordEdge(_ position: Int) -> Bool {
        let before = position > 0 && NamedSets.word.contains(text[position - 1])
        let after = position < text.count && NamedSets.word.contains(text[position])
        return before != after
    }
}
