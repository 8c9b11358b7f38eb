/// A set of Unicode scalars as an expression writes it: `\p{L}`, `[^\s\d]`, `[a-z&&[^x]]`.
struct ScalarSet: Sendable {
    indirect enum Member: Sendable {
        case range(ClosedRange<UInt32>)
        /// General categories, by the bits of `GeneralCategories`.
        case categories(UInt32)
        case set(ScalarSet)
        case property(Property)
    }

    /// Properties that are no sums of categories.
    enum Property: Sendable { case alphabetic, uppercase, lowercase }

    private(set) var members: [Member] = []
    private(set) var isNegated = false
    /// Sets that a scalar must be in as well.
    private(set) var others: [ScalarSet] = []
    private(set) var ignoresCase = false
    /// Which of U+0000 to U+00FF belong, as bits, once it is `prepared`.
    private var latin: [UInt64] = []

    init(_ members: [Member] = [], isNegated: Bool = false) {
        (self.members, self.isNegated) = (members, isNegated)
    }

    init(scalar: UInt32) { self.init([.range(scalar...scalar)]) }

    mutating func insert(_ member: Member) { members.append(member) }

    mutating func intersect(_ other: ScalarSet) { others.append(other) }

    mutating func negate() { isNegated.toggle() }

    /// The set as a matcher asks it, with or without regard for case.
    func prepared(ignoringCase: Bool) -> ScalarSet {
        var prepared = self
        prepared.ignoresCase = ignoringCase
        var latin: [UInt64] = [0, 0, 0, 0]
        for scalar in 0..<256 as Range<UInt32> where prepared.computes(scalar) {
            latin[Int(scalar >> 6)] |= 1 << UInt64(scalar & 63)
        }
        prepared.latin = latin
        return prepared
    }

    func contains(_ scalar: UInt32) -> Bool {
        if scalar < 256, !latin.isEmpty { return latin[Int(scalar >> 6)] >> (scalar & 63) & 1 == 1 }
        return computes(scalar)
    }

    private func computes(_ scalar: UInt32) -> Bool {
        guard ignoresCase else { return holds(scalar) }
        return holds(scalar) || SimpleCase.variants(of: scalar).contains(where: holds)
    }

    private static func has(_ property: Property, _ scalar: UInt32) -> Bool {
        guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
        return switch property {
        case .alphabetic: properties.isAlphabetic
        case .uppercase: properties.isUppercase
        case .lowercase: properties.isLowercase
        }
    }

    private func holds(_ scalar: UInt32) -> Bool {
        let isMember = members.contains { member in
            switch member {
            case .range(let range): range.contains(scalar)
            case .categories(let mask): mask >> GeneralCategories.index(of: scalar) & 1 == 1
            case .set(let set): set.holds(scalar)
            case .property(let property): Self.has(property, scalar)
            }
        }
        let isInAll = isMember && others.allSatisfy { $0.holds(scalar) }
        return isInAll != isNegated
    }
}

/// Scalars that differ in case only, one for one: what `(?i:…)` treats as equal.
enum SimpleCase {
    static func variants(of scalar: UInt32) -> [UInt32] {
        guard let properties = Unicode.Scalar(scalar)?.properties else { return [] }
        let mappings = [properties.lowercaseMapping, properties.uppercaseMapping]
        var variants = mappings.compactMap { mapping -> UInt32? in
            mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first?.value : nil
        }
        // The long s and the Kelvin sign fold to s and k, which map to S and K alone.
        switch scalar {
        case 0x53, 0x73: variants.append(0x17F)
        case 0x4B, 0x6B: variants.append(0x212A)
        case 0x17F: variants += [0x53, 0x73]
        default: break
        }
        return variants
    }
}
