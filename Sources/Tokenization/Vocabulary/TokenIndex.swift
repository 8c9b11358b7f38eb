/// From bytes to the first token that has them: an open-addressing hash table over an arena.
///
/// A lookup takes a `Span` of any buffer, so that no key is ever copied, which a `Dictionary` would
/// require. A slot holds the upper half of the hash beside the token, so that a lookup reads the
/// arena for the right token only, nearly always.
struct TokenIndex: Sendable {
    private let arena: ByteArena
    /// Upper 32 bits of the hash, then token + 1; 0 is an empty slot. At most half are taken.
    private var slots: [UInt64]
    /// The longest key: a longer one need not be hashed.
    private(set) var longestByteCount = 0

    /// Indexes the strings of `arena` whose number `isIncluded`. Of equal strings the first wins.
    init(_ arena: ByteArena, where isIncluded: (Int) -> Bool) {
        self.arena = arena
        slots = Array(repeating: 0, count: powerOfTwo(atLeast: arena.count * 2))
        for token in 0..<arena.count where isIncluded(token) { insert(token) }
    }

    private mutating func insert(_ token: Int) {
        let range = arena.range(token)
        guard !range.isEmpty else { return }
        let hash = Self.hash(arena.bytes.span.extracting(range))
        let slot = slot(of: arena.bytes.span.extracting(range), hash: hash)
        guard slots[slot] == 0 else { return }
        slots[slot] = hash & ~0xFFFF_FFFF | UInt64(token + 1)
        longestByteCount = max(longestByteCount, range.count)
    }

    /// The token that has exactly these bytes.
    func token(for bytes: Span<UInt8>) -> UInt32? {
        guard bytes.count <= longestByteCount, !bytes.isEmpty else { return nil }
        let entry = slots[slot(of: bytes, hash: Self.hash(bytes))]
        return entry == 0 ? nil : UInt32(truncatingIfNeeded: entry) - 1
    }

    /// The slot that holds `bytes`, or the empty one where they belong.
    private func slot(of bytes: Span<UInt8>, hash: UInt64) -> Int {
        let mask = slots.count - 1
        let text = arena.bytes.span
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = slots[slot]
            if entry == 0 { return slot }
            if entry >> 32 == hash >> 32 {
                let token = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) - 1
                if Self.areEqual(text.extracting(arena.range(token)), bytes) { return slot }
            }
            slot = (slot + 1) & mask
        }
    }

    private static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    /// FNV-1a from a secret start, then mixed so that all bits depend on all.
    private static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = hashSeed
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        return mixed(hash)
    }
}

/// Differs in each process, so that no file can be made whose keys all fall into one slot.
let hashSeed = UInt64.random(in: .min ... .max)

/// The finalizer of MurmurHash3: every bit of the result depends on every bit of the value.
func mixed(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return value ^ (value >> 33)
}

/// The smallest power of two that is at least `count` and at least 2.
func powerOfTwo(atLeast count: Int) -> Int {
    var power = 2
    while power < count { power *= 2 }
    return power
}
