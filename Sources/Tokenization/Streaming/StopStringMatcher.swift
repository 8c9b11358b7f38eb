/// Finds the first of some stop strings in a text that comes in pieces, and holds back only what
/// may still become one. What comes out does not depend on where the pieces are cut.
///
/// The match that ends first wins, and of those that end together the longest. An Aho-Corasick
/// automaton (Aho and Corasick 1975) over UTF-8, linear in the text.
public struct StopStringMatcher: Sendable {
    private let stops: [String]
    private let includeStop: Bool
    private let automaton: StopAutomaton
    private var state = 0
    private var held: [UInt8] = []
    private var found: String?

    /// - Parameters:
    ///   - stops: the strings that end a text; empty ones are ignored. They are compared by
    /// scalars.   - includeStop: whether the stop string that was found is part of the text.
    public init(_ stops: [String], includeStop: Bool = false) {
        self.stops = stops
        self.includeStop = includeStop
        automaton = StopAutomaton(stops.map { Array($0.utf8) })
    }

    /// Takes the next piece.
    ///
    /// - Returns: the text that is certain to be before any stop string, and the stop string when
    /// it   was found. After that, every call returns no text and the same stop string.
    public mutating func append(_ text: String) -> (emit: String, stopped: String?) {
        if let found { return ("", found) }
        for byte in text.utf8 {
            held.append(byte)
            state = automaton.step(from: state, byte)
            guard let stop = automaton.match(at: state) else { continue }
            let kept = includeStop ? held.count : held.count - stops[stop].utf8.count
            found = stops[stop]
            let emit = String(decoding: held[..<kept], as: UTF8.self)
            held = []
            return (emit, found)
        }
        // A stop string begins with the first byte of a character, and so does what is held.
        let certain = held.count - automaton.depth(of: state)
        let emit = String(decoding: held[..<certain], as: UTF8.self)
        held.removeFirst(certain)
        return (emit, nil)
    }

    /// What was held back, when no more text comes: it has become no stop string.
    public mutating func flush() -> String {
        defer {
            held = []
            state = 0
        }
        return String(decoding: held, as: UTF8.self)
    }
}

/// A trie of byte strings, each node with the node of its longest proper suffix.
private struct StopAutomaton: Sendable {
    private struct Node {
        var children: [UInt8: Int] = [:]
        var depth = 0
        var suffix = 0
        /// The string that ends here: this node's own, or else the longest of its suffixes.
        var match: Int?
    }

    private var nodes = [Node()]

    init(_ strings: [[UInt8]]) {
        for (index, string) in strings.enumerated() where !string.isEmpty { insert(string, index) }
        linkSuffixes()
    }

    private mutating func insert(_ string: [UInt8], _ index: Int) {
        var node = 0
        for byte in string {
            if let child = nodes[node].children[byte] {
                node = child
            } else {
                nodes[node].children[byte] = nodes.count
                nodes.append(Node(depth: nodes[node].depth + 1))
                node = nodes.count - 1
            }
        }
        nodes[node].match = nodes[node].match ?? index
    }

    /// In the order of depth, as a suffix is less deep.
    private mutating func linkSuffixes() {
        var queue = [0]
        var head = 0
        while head < queue.count {
            let node = queue[head]
            head += 1
            for (byte, child) in nodes[node].children {
                let suffix = node == 0 ? 0 : step(from: nodes[node].suffix, byte)
                nodes[child].suffix = suffix
                nodes[child].match = nodes[child].match ?? nodes[suffix].match
                queue.append(child)
            }
        }
    }

    /// The node of the longest suffix of what was read that begins a string.
    func step(from state: Int, _ byte: UInt8) -> Int {
        var state = state
        while true {
            if let child = nodes[state].children[byte] { return child }
            if state == 0 { return 0 }
            state = nodes[state].suffix
        }
    }

    func depth(of state: Int) -> Int { nodes[state].depth }

    func match(at state: Int) -> Int? { nodes[state].match }
}
