/// The texts of a vocabulary's tokens as a trie, laid out depth first, so that walking it is one
/// pass over arrays in which a part that cannot match is jumped over.
public struct TokenTrie: Sendable {
    /// The number of tokens, those without text included.
    public let tokenCount: Int
    /// The tokens that end a generation.
    public let endTokens: [UInt32]
    /// The longest token's bytes.
    let longest: Int

    /// By trie node, in depth-first order: its last byte, how many bytes lead to it, and the node
    /// behind everything beneath it.
    let bytes: [UInt8]
    let depths: [UInt16]
    let skips: [Int32]
    /// The tokens of node `n` are `tokens[firstToken[n]..<firstToken[n + 1]]`.
    let tokens: [UInt32]
    let firstToken: [Int32]
    private let texts: [ArraySlice<UInt8>]

    var nodeCount: Int { bytes.count }

    /// - Parameters:
    ///   - texts: What each token adds to the output; nothing for those that may not be generated,
    ///     special ones among them. A token of over 4,096 bytes counts as such.
    ///   - endTokens: What may be generated where the text may end.
    public init(_ texts: [[UInt8]], endTokens: some Sequence<UInt32>) {
        let ends = Set(endTokens.filter { $0 < texts.count })
        let usable = texts.indices.filter {
            (1...4_096).contains(texts[$0].count) && !ends.contains(UInt32($0))
        }
        let order = usable.sorted { texts[$0].lexicographicallyPrecedes(texts[$1]) }
        var bytes: [UInt8] = []
        var depths: [UInt16] = []
        var skips: [Int32] = []
        var firstToken: [Int32] = []
        var tokens: [UInt32] = []
        var path: [Int] = []  // the nodes that lead to the last token
        var last: [UInt8] = []
        for token in order {
            let text = texts[token]
            var common = 0
            while common < min(text.count, last.count), text[common] == last[common] {
                common += 1
            }
            for node in path[common...] { skips[node] = Int32(bytes.count) }
            path.removeSubrange(common...)
            for depth in common..<text.count {
                path.append(bytes.count)
                bytes.append(text[depth])
                depths.append(UInt16(depth + 1))
                skips.append(0)
                firstToken.append(Int32(tokens.count))
            }
            tokens.append(UInt32(token))
            last = text
        }
        for node in path { skips[node] = Int32(bytes.count) }
        firstToken.append(Int32(tokens.count))
        self.bytes = bytes
        self.depths = depths
        self.skips = skips
        self.firstToken = firstToken
        self.tokens = tokens
        self.texts = texts.indices.map { texts[$0][...] }
        self.endTokens = ends.sorted()
        tokenCount = texts.count
        longest = usable.map { texts[$0].count }.max() ?? 0
    }

    /// What a token adds to the output.
    public func text(of token: UInt32) -> ArraySlice<UInt8> {
        Int(token) < texts.count ? texts[Int(token)] : []
    }

    func hasChildren(_ node: Int) -> Bool { Int(skips[node]) > node + 1 }
}
