/// A set of tokens as bits: token `t` is bit `t % 32` of word `t / 32`, as the sampler reads it.
public struct TokenSet: Equatable, Sendable {
    public private(set) var words: [UInt32]

    /// No token of `tokenCount`.
    public init(tokenCount: Int) {
        words = [UInt32](repeating: 0, count: (tokenCount + 31) / 32)
    }

    public func contains(_ token: UInt32) -> Bool {
        Int(token / 32) < words.count && words[Int(token / 32)] >> (token % 32) & 1 == 1
    }

    /// The number of tokens in the set.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The tokens in the set, ascending.
    public var tokens: [UInt32] {
        var tokens: [UInt32] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                tokens.append(UInt32(index * 32 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return tokens
    }

    /// Adds a token.
    public mutating func insert(_ token: UInt32) { words[Int(token / 32)] |= 1 << (token % 32) }

    mutating func formUnion(_ other: TokenSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }
}
