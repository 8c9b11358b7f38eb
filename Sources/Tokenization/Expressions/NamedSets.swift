/// The sets that expressions have names for.
enum NamedSets {
    /// `\s`: the property White_Space.
    static let space = ranges(
        0x9...0xD,
        0x20...0x20,
        0x85...0x85,
        0xA0...0xA0,
        0x1680...0x1680,
        0x2000...0x200A,
        0x2028...0x2029,
        0x202F...0x202F,
        0x205F...0x205F,
        0x3000...0x3000
    )
    /// `\d`
    static let digit = categories("Nd")
    /// `\w` of Oniguruma, whose Latin-1 has the superscripts and fractions in it.
    static let word = ScalarSet(
        wordMembers + [.range(0xB2...0xB3), .range(0xB9...0xB9), .range(0xBC...0xBE)]
    )
    /// `\w` of Unicode's own definition, with the two joiners, which parts of tokenizers follow
    /// that are no expressions of the file.
    static let unicodeWord = ScalarSet(wordMembers + [.range(0x200C...0x200D)])
        .prepared(ignoringCase: false)

    private static let wordMembers: [ScalarSet.Member] = [
        .property(.alphabetic), .set(categories("M", "Nd", "Pc")),
    ]

    /// `\h`
    static let hexadecimal = ranges(0x30...0x39, 0x41...0x46, 0x61...0x66)

    /// What `\p{name}` means, or nil. Case, spaces, `-` and `_` do not matter in long names.
    static func property(_ name: String) -> ScalarSet? {
        if let mask = GeneralCategories.mask(name), name.count <= 2 {
            return ScalarSet([.categories(mask)])
        }
        var plain = name.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" }
        for prefix in ["script=", "sc=", "generalcategory=", "gc="] where plain.hasPrefix(prefix) {
            plain.removeFirst(prefix.count)
        }
        if let set = scripts[plain] { return set }
        if plain.count == 1 || plain.count == 2 {
            let abbreviation = plain.prefix(1).uppercased() + plain.dropFirst()
            return GeneralCategories.mask(abbreviation).map { ScalarSet([.categories($0)]) }
        }
        return longNames[plain]
    }

    /// `[:name:]`
    static func posix(_ name: String) -> ScalarSet? {
        switch name {
        case "alpha": ScalarSet([.property(.alphabetic)])
        case "digit": digit
        case "alnum": ScalarSet([.property(.alphabetic), .set(digit)])
        case "upper": ScalarSet([.property(.uppercase)])
        case "lower": ScalarSet([.property(.lowercase)])
        case "punct": categories("P", "S")
        case "space": space
        case "word": word
        case "xdigit": hexadecimal
        case "cntrl": categories("Cc")
        default: nil
        }
    }

    private static let longNames: [String: ScalarSet] = [
        "letter": categories("L"), "mark": categories("M"), "number": categories("N"),
        "punctuation": categories("P"), "symbol": categories("S"), "separator": categories("Z"),
        "other": categories("C"), "uppercaseletter": categories("Lu"),
        "lowercaseletter": categories("Ll"), "decimalnumber": categories("Nd"),
        "whitespace": space, "space": space, "any": ranges(0...0x10_FFFF),
        "alpha": ScalarSet([.property(.alphabetic)]), "word": word, "punct": categories("P"),
    ]

    /// The scripts whose texts are split apart by published tokenizers (Unicode 16).
    private static let scripts: [String: ScalarSet] = [
        "han": ranges(
            0x2E80...0x2E99,
            0x2E9B...0x2EF3,
            0x2F00...0x2FD5,
            0x3005...0x3005,
            0x3007...0x3007,
            0x3021...0x3029,
            0x3038...0x303B,
            0x3400...0x4DBF,
            0x4E00...0x9FFF,
            0xF900...0xFA6D,
            0xFA70...0xFAD9,
            0x16FE2...0x16FE3,
            0x16FF0...0x16FF6,
            0x20000...0x2A6DF,
            0x2A700...0x2B81E,
            0x2B820...0x2CEAD,
            0x2CEB0...0x2EBE0,
            0x2EBF0...0x2EE5D,
            0x2F800...0x2FA1D,
            0x30000...0x3134A,
            0x31350...0x33479
        ),
        "hiragana": ranges(
            0x3041...0x3096,
            0x309D...0x309F,
            0x1B001...0x1B11F,
            0x1B132...0x1B132,
            0x1B150...0x1B152,
            0x1F200...0x1F200
        ),
        "katakana": ranges(
            0x30A1...0x30FA,
            0x30FD...0x30FF,
            0x31F0...0x31FF,
            0x32D0...0x32FE,
            0x3300...0x3357,
            0xFF66...0xFF6F,
            0xFF71...0xFF9D,
            0x1AFF0...0x1AFF3,
            0x1AFF5...0x1AFFB,
            0x1AFFD...0x1AFFE,
            0x1B000...0x1B000,
            0x1B120...0x1B122,
            0x1B155...0x1B155,
            0x1B164...0x1B167
        ),
        "hangul": ranges(
            0x1100...0x11FF,
            0x302E...0x302F,
            0x3131...0x318E,
            0x3200...0x321E,
            0x3260...0x327E,
            0xA960...0xA97C,
            0xAC00...0xD7A3,
            0xD7B0...0xD7C6,
            0xD7CB...0xD7FB,
            0xFFA0...0xFFBE,
            0xFFC2...0xFFC7,
            0xFFCA...0xFFCF,
            0xFFD2...0xFFD7,
            0xFFDA...0xFFDC
        ),
    ]

    private static func ranges(_ ranges: ClosedRange<UInt32>...) -> ScalarSet {
        ScalarSet(ranges.map { .range($0) })
    }

    private static func categories(_ names: String...) -> ScalarSet {
        ScalarSet(names.compactMap { GeneralCategories.mask($0).map { .categories($0) } })
    }
}
