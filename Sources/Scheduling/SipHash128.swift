/// SipHash-2-4 with 128 bits of output, fed 64-bit words (Aumasson and Bernstein, "SipHash: a fast
/// short-input PRF", 2012; the wide output as in the authors' reference code).
///
/// For one who does not know the key its values are as good as random, so nobody can make two
/// inputs collide on purpose, and by chance it takes about 2^64 inputs.
package struct SipHash128 {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    private var wordCount = 0

    package init(key: (UInt64, UInt64)) {
        v0 = key.0 ^ 0x736f_6d65_7073_6575
        v1 = key.1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
        v2 = key.0 ^ 0x6c79_6765_6e65_7261
        v3 = key.1 ^ 0x7465_6462_7974_6573
    }

    package mutating func combine(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
        wordCount += 1
    }

    /// The hash of all words and of the `tailByteCount` (0 to 7) low bytes of `tail`.
    package mutating func finish(
        tail: UInt64 = 0,
        tailByteCount: Int = 0
    ) -> (low: UInt64, high: UInt64) {
        let byteCount = wordCount * 8 + tailByteCount
        combine(UInt64(byteCount & 0xff) << 56 | tail)
        v2 ^= 0xee
        for _ in 0..<4 { round() }
        let low = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        for _ in 0..<4 { round() }
        return (low, v0 ^ v1 ^ v2 ^ v3)
    }

    private mutating func round() {
        v0 &+= v1
        v1 = v1 << 13 | v1 >> 51
        v1 ^= v0
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v3
        v3 = v3 << 16 | v3 >> 48
        v3 ^= v2
        v0 &+= v3
        v3 = v3 << 21 | v3 >> 43
        v3 ^= v0
        v2 &+= v1
        v1 = v1 << 17 | v1 >> 47
        v1 ^= v2
        v2 = v2 << 32 | v2 >> 32
    }
}
