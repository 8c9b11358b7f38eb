/// Names the content of a full block: its own tokens, all tokens before them, and the salt.
///
/// A chain: each block's hash covers its tokens and the hash of the block before it; the first
/// one's parent is made from the salt. Two blocks with the same hash are taken to hold the same
/// keys and values without comparing tokens. That is safe because the hash is 128 bits of a keyed
/// pseudo-random function (`SipHash128`): with 2^40 blocks ever hashed, the chance that any two
/// different ones agree is about 2^-49, and without the key nobody can make it likelier.
public struct BlockHash: Hashable, Sendable {
    let low: UInt64
    let high: UInt64

    // The bits are random already; half of them choose the bucket.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(low)
    }
}

/// Makes block hashes under one key.
public struct BlockHasher: Sendable {
    private let key: (UInt64, UInt64)

    /// A hasher with a random key. No result of scheduling depends on the key.
    public init() {
        self.init(key: (.random(in: .min ... .max), .random(in: .min ... .max)))
    }

    public init(key: (UInt64, UInt64)) {
        self.key = key
    }

    /// The parent of a sequence's first block.
    public func root(salt: String?) -> BlockHash {
        guard let salt else { return BlockHash(low: 0, high: 0) }
        var hash = SipHash128(key: key)
        var tail: UInt64 = 0
        var tailByteCount = 0
        for byte in salt.utf8 {
            tail |= UInt64(byte) << (8 * tailByteCount)
            tailByteCount += 1
            if tailByteCount == 8 {
                hash.combine(tail)
                tail = 0
                tailByteCount = 0
            }
        }
        let (low, high) = hash.finish(tail: tail, tailByteCount: tailByteCount)
        return BlockHash(low: low, high: high)
    }

    /// The hash of a block that holds `tokens` and follows `parent`.
    public func hash(_ tokens: ArraySlice<TokenID>, after parent: BlockHash) -> BlockHash {
        var hash = SipHash128(key: key)
        hash.combine(parent.low)
        hash.combine(parent.high)
        var index = tokens.startIndex
        while index + 1 < tokens.endIndex {
            hash.combine(UInt64(tokens[index]) | UInt64(tokens[index + 1]) << 32)
            index += 2
        }
        let hasTail = index < tokens.endIndex
        let (low, high) = hash.finish(
            tail: hasTail ? UInt64(tokens[index]) : 0,
            tailByteCount: hasTail ? 4 : 0
        )
        return BlockHash(low: low, high: high)
    }
}
