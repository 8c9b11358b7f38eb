/// A word of each of eight rows, to be transposed: three rounds exchange squares of four, two and
/// one numbers between words that are four, two and one apart (Warren, Hacker's Delight, 7-3). With
/// numbers of a bit, the bits of each byte are transposed; with those of a nibble, whole words.
struct EightWords {
    private var words: InlineArray<8, UInt32>

    /// Loads the words at `offset` and every `stride` bytes from there.
    @inline(__always)
    init(_ bytes: RawSpan, _ offset: Int, stride: Int) {
        words = InlineArray { bytes.load(offset + stride * $0, as: UInt32.self) }
    }

    @inline(__always)
    subscript(_ index: Int) -> UInt32 { words[index] }

    /// Exchanges what `mask` selects of a word with what lies `shift` bits higher in the word four
    /// before it.
    @inline(__always)
    mutating func exchangeFours(_ shift: UInt32, _ mask: UInt32) {
        for i in 0..<4 { exchange(i, i + 4, shift, mask) }
    }

    /// The same with words that are two apart.
    @inline(__always)
    mutating func exchangeTwos(_ shift: UInt32, _ mask: UInt32) {
        for i in 0..<2 {
            exchange(i, i + 2, shift, mask)
            exchange(i + 4, i + 6, shift, mask)
        }
    }

    /// The same with neighbours.
    @inline(__always)
    mutating func exchangeOnes(_ shift: UInt32, _ mask: UInt32) {
        for i in 0..<4 { exchange(2 * i, 2 * i + 1, shift, mask) }
    }

    @inline(__always)
    private mutating func exchange(_ a: Int, _ b: Int, _ shift: UInt32, _ mask: UInt32) {
        let difference = (words[a] >> shift ^ words[b]) & mask
        words[b] ^= difference
        words[a] ^= difference << shift
    }
}
