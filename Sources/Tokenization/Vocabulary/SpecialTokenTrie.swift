/// Finds the tokens that are cut out of a text before anything else: at each place the longest one,
/// from left to right.
///
/// llama.cpp instead looks for the longest token in the whole text first; the two differ only where
/// special tokens overlap, and there this is what Hugging Face's tokenizers do, with which models
/// are trained. The cost is at most the text's length times the longest special token's.
struct SpecialTokenTrie: Sendable {
    struct Match: Equatable {
        var token: UInt32
        var range: Range<Int>
    }

    /// (node, byte) → (child, unused).
    private var children = PairTable(minimumCapacity: 16)
    /// The token that ends at a node, or `none`. Node 0 is the root.
    private var tokens: [UInt32] = [none]
    /// Whether a special token begins with a byte; most bytes of a text begin none.
    private var isFirst = [Bool](repeating: false, count: 256)

    private static let none = UInt32.max

    /// Of equal texts the first token wins; an empty text is never found.
    mutating func insert(_ text: some Collection<UInt8>, token: UInt32) {
        guard let first = text.first else { return }
        isFirst[Int(first)] = true
        var node: UInt32 = 0
        for byte in text {
            if let (child, _) = children[node, UInt32(byte)] {
                node = child
            } else {
                let child = UInt32(tokens.count)
                children.insert(node, UInt32(byte), (child, 0))
                tokens.append(Self.none)
                node = child
            }
        }
        if tokens[Int(node)] == Self.none { tokens[Int(node)] = token }
    }

    /// The first match in `text` at or after `start` of a token that `isWanted`.
    func firstMatch(
        in text: Span<UInt8>,
        from start: Int,
        where isWanted: (UInt32) -> Bool
    ) -> Match? {
        for begin in start..<text.count where isFirst[Int(text[begin])] {
            var node: UInt32 = 0
            var match: Match?
            var position = begin
            while position < text.count,
                let (child, _) = children[node, UInt32(text[position])]
            {
                node = child
                position += 1
                let token = tokens[Int(node)]
                if token != Self.none, isWanted(token) {
                    match = Match(token: token, range: begin..<position)
                }
            }
            if let match { return match }
        }
        return nil
    }
}
