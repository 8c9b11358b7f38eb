/// Call stacks that share what is beneath them. Equal stacks have equal numbers.
struct StackArena: Sendable {
    typealias ID = Int32

    /// What to do when the rule on top ends.
    struct Frame: Hashable, Sendable {
        /// The node after the call.
        var target: Int32
        /// The first node of the rule that is read again, or -1 for a plain call.
        var body: Int32
        /// How often it must and may still be read, the running time included.
        var minimum: Int32
        var maximum: Int32
        var parent: ID

        var isRepeated: Bool { body >= 0 }
    }

    /// The bottom: nothing to return to.
    static let empty: ID = 0

    private(set) var frames = [Frame(target: -1, body: -1, minimum: 0, maximum: 0, parent: 0)]
    private var numbers: [Frame: ID] = [:]

    mutating func push(_ frame: Frame) -> ID {
        if let known = numbers[frame] { return known }
        let number = ID(frames.count)
        frames.append(frame)
        numbers[frame] = number
        return number
    }

    subscript(stack: ID) -> Frame { frames[Int(stack)] }

    /// The same stack in another arena.
    func copy(_ stack: ID, to other: inout StackArena) -> ID {
        var chain: [Frame] = []
        var next = stack
        while next != Self.empty {
            chain.append(self[next])
            next = self[next].parent
        }
        var copied = Self.empty
        for var frame in chain.reversed() {
            frame.parent = copied
            copied = other.push(frame)
        }
        return copied
    }
}
