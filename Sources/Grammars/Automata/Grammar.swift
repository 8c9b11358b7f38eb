/// A language as a pushdown automaton over bytes: one deterministic automaton per rule, whose nodes
/// read a byte, call another rule, or return.
///
/// Every node is productive: from it an end can be reached, so whatever is read without an error is
/// the beginning of some text of the language.
public struct Grammar: Sendable {
    struct Node: Sendable {
        var edges: Range<Int32>
        var calls: Range<Int32>
        /// The rule may end here.
        var isFinal: Bool
        /// The rule can only end here, so that a call before it needs no return.
        var isTail: Bool { isFinal && edges.isEmpty && calls.isEmpty }
    }

    struct Edge: Sendable {
        var bytes: ByteRange
        var target: Int32
    }

    struct Call: Sendable {
        var symbol: Int32
        var target: Int32
    }

    /// What a call does: read a rule's text once, or `minimum` to `maximum` times.
    struct Symbol: Sendable {
        var start: Int32
        var minimum: Int32
        var maximum: Int32
        var isRepeated: Bool
    }

    /// No upper bound of repetitions.
    static let unbounded = Int32.max

    let nodes: [Node]
    let edges: [Edge]
    let calls: [Call]
    let symbols: [Symbol]
    let start: Int32
    /// Bytes that no edge tells apart have the same class.
    let byteClasses: [UInt8]
    /// A byte of every class.
    let representatives: [UInt8]
    let ambiguity: Int

    /// The number of the automaton's states.
    public var stateCount: Int { nodes.count }

    init(
        nodes: [Node],
        edges: [Edge],
        calls: [Call],
        symbols: [Symbol],
        start: Int32,
        limits: GrammarLimits
    ) {
        self.nodes = nodes
        self.edges = edges
        self.calls = calls
        self.symbols = symbols
        self.start = start
        ambiguity = limits.ambiguity
        (byteClasses, representatives) = Self.classes(of: edges)
    }

    /// The node that `byte` leads to, if it may come next in `node`.
    func target(from node: Int32, reading byte: UInt8) -> Int32? {
        for index in nodes[Int(node)].edges {
            let edge = edges[Int(index)]
            if byte < edge.bytes.lower { return nil }
            if byte <= edge.bytes.upper { return edge.target }
        }
        return nil
    }

    private static func classes(of edges: [Edge]) -> ([UInt8], [UInt8]) {
        // A class needs the whole automaton's borders: within two neighbouring ones no edge begins
        // or ends, so every edge treats the bytes between them alike.
        var isBorder = [Bool](repeating: false, count: 257)
        isBorder[0] = true
        for edge in edges {
            isBorder[Int(edge.bytes.lower)] = true
            isBorder[Int(edge.bytes.upper) + 1] = true
        }
        var classes = [UInt8](repeating: 0, count: 256)
        var representatives: [UInt8] = []
        for byte in 0..<256 {
            if isBorder[byte] { representatives.append(UInt8(byte)) }
            classes[byte] = UInt8(representatives.count - 1)
        }
        return (classes, representatives)
    }
}
