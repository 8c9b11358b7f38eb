/// A hash table from two 32-bit numbers to two others, for merges (left token, right token → rank,
/// merged token) and tries (node, byte → child). Several times faster than a `Dictionary`, which
/// hashes against adversaries who add keys at run time; here the keys come from one file.
struct PairTable: Sendable {
    private struct Slot {
        var key = UInt64.max
        var value: UInt64 = 0
    }

    private var slots: [Slot]
    private(set) var count = 0

    init(minimumCapacity: Int) {
        slots = Array(repeating: Slot(), count: powerOfTwo(atLeast: minimumCapacity * 2))
    }

    /// The value of the pair (first, second), if it has one.
    subscript(first: UInt32, second: UInt32) -> (UInt32, UInt32)? {
        let slot = slots[slot(of: Self.packed(first, second))]
        guard slot.key != .max else { return nil }
        return (
            UInt32(truncatingIfNeeded: slot.value >> 32), UInt32(truncatingIfNeeded: slot.value)
        )
    }

    /// Gives a pair its value; one that has a value already keeps it.
    mutating func insert(_ first: UInt32, _ second: UInt32, _ value: (UInt32, UInt32)) {
        let key = Self.packed(first, second)
        precondition(key != .max, "the pair (2^32 - 1, 2^32 - 1) marks an empty slot")
        if count * 2 >= slots.count { grow() }
        let slot = slot(of: key)
        guard slots[slot].key == .max else { return }
        slots[slot] = Slot(key: key, value: Self.packed(value.0, value.1))
        count += 1
    }

    private func slot(of key: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: mixed(key ^ hashSeed)) & mask
        while slots[slot].key != key && slots[slot].key != .max { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: old.count * 2)
        for entry in old where entry.key != .max { slots[slot(of: entry.key)] = entry }
    }

    private static func packed(_ upper: UInt32, _ lower: UInt32) -> UInt64 {
        UInt64(upper) << 32 | UInt64(lower)
    }
}
