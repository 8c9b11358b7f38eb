/// A grammar as a deterministic automaton of what can be told without the whole call stack, made
/// state by state as texts ask for it.
///
/// A local state is a set of places whose stacks hold only what was called since some moment, and
/// the repetitions that were under way then. So one state serves every string of a schema, at any
/// depth. Counts beyond the longest token are all alike, since no token can tell them apart.
struct LocalAutomaton: Sendable {
    typealias State = Int32

    /// The state from which nothing is right.
    static let dead: State = 0
    private static let unknown: State = -1

    let grammar: Grammar
    private let countLimit: Int32
    private let classCount: Int
    private var arena = StackArena()
    private var sets: [ConfigurationSet] = []
    private var numbers: [ConfigurationSet: State] = [:]
    /// By state and class of byte.
    private var targets: [State] = []

    /// - Parameter longest: The most bytes of a token.
    init(_ grammar: Grammar, longest: Int) {
        self.grammar = grammar
        countLimit = Int32(longest + 1)
        classCount = grammar.representatives.count
        _ = number(of: ConfigurationSet())
    }

    var stateCount: Int { sets.count }

    /// Whether what was called has ended in this state, and the rest is up to the caller.
    func reachesBottom(_ state: State) -> Bool { sets[Int(state)].reachesBottom }

    mutating func target(from state: State, reading byte: UInt8) throws(GrammarError) -> State {
        let index = Int(state) * classCount + Int(grammar.byteClasses[Int(byte)])
        let known = targets[index]
        if known != Self.unknown { return known }
        let next = try grammar.step(sets[Int(state)], reading: byte, in: &arena)
        let number = number(of: next)
        targets[index] = number
        return number
    }

    private mutating func number(of set: ConfigurationSet) -> State {
        if let known = numbers[set] { return known }
        let number = State(sets.count)
        sets.append(set)
        numbers[set] = number
        targets.append(contentsOf: repeatElement(Self.unknown, count: classCount))
        return number
    }

    /// The state of places that have read everything a call can without reading a byte (they are
    /// closed), with the part of their stacks that is local.
    mutating func state(ofClosed places: [(node: Int32, frames: [StackArena.Frame])]) -> State {
        var set = ConfigurationSet()
        set.readers = places.map { Configuration(node: $0.node, stack: push($0.frames)) }.sorted()
        return number(of: set)
    }

    /// The state at `node` after a return, with the repetitions around it.
    mutating func state(
        at node: Int32,
        in frames: [StackArena.Frame]
    ) throws(GrammarError) -> State {
        let place = Configuration(node: node, stack: push(frames))
        return number(of: try grammar.closure(of: [place], in: &arena))
    }

    /// A stack of frames, the lowest last, with their counts cut to what a token can tell.
    private mutating func push(_ frames: [StackArena.Frame]) -> StackArena.ID {
        var stack = StackArena.empty
        for var frame in frames.reversed() {
            frame.parent = stack
            frame.minimum = min(frame.minimum, countLimit)
            if frame.maximum > countLimit { frame.maximum = Grammar.unbounded }
            stack = arena.push(frame)
        }
        return stack
    }
}

extension StackArena {
    /// A stack's repetitions down to the first plain return, and that return (or the bottom).
    func local(_ stack: ID) -> (frames: [Frame], base: ID) {
        var frames: [Frame] = []
        var base = stack
        while base != Self.empty, self[base].isRepeated {
            frames.append(self[base])
            base = self[base].parent
        }
        return (frames, base)
    }
}
