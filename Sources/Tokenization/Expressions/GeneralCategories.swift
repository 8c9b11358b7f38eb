/// Unicode's general categories as numbers below 32, so that a set of them is a 32-bit mask.
enum GeneralCategories {
    private static let names: [(name: String, category: Unicode.GeneralCategory)] = [
        ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter),
        ("Lm", .modifierLetter), ("Lo", .otherLetter), ("Mn", .nonspacingMark),
        ("Mc", .spacingMark), ("Me", .enclosingMark), ("Nd", .decimalNumber),
        ("Nl", .letterNumber), ("No", .otherNumber), ("Pc", .connectorPunctuation),
        ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation),
        ("Pi", .initialPunctuation), ("Pf", .finalPunctuation), ("Po", .otherPunctuation),
        ("Sm", .mathSymbol), ("Sc", .currencySymbol), ("Sk", .modifierSymbol),
        ("So", .otherSymbol), ("Zs", .spaceSeparator), ("Zl", .lineSeparator),
        ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format), ("Cs", .surrogate),
        ("Co", .privateUse), ("Cn", .unassigned),
    ]

    /// The categories whose abbreviation begins with `name`: one, or all of a group such as `L`.
    static func mask(_ name: String) -> UInt32? {
        var mask: UInt32 = 0
        for (index, entry) in names.enumerated() where entry.name.hasPrefix(name) {
            mask |= 1 << UInt32(index)
        }
        return mask == 0 || name.isEmpty ? nil : mask
    }

    private static let numbers: [Unicode.GeneralCategory: UInt8] = Dictionary(
        uniqueKeysWithValues: names.enumerated().map { ($1.category, UInt8($0)) }
    )

    /// U+0000 to U+FFFF by value, as the standard library takes tens of nanoseconds for each.
    private static let basicPlane: [UInt8] = (0..<0x1_0000 as Range<UInt32>).map(compute)

    private static func compute(_ scalar: UInt32) -> UInt8 {
        let category = Unicode.Scalar(scalar)?.properties.generalCategory ?? .surrogate
        return numbers[category] ?? 29
    }

    /// The number of a scalar's category.
    static func index(of scalar: UInt32) -> UInt32 {
        UInt32(scalar < 0x1_0000 ? basicPlane[Int(scalar)] : compute(scalar))
    }
}
