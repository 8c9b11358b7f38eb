/// What the expressions of pre-tokenizers ask of a Unicode scalar.
struct ScalarClass: OptionSet, Sendable {
    let rawValue: UInt8

    /// `\p{L}`
    static let letter = ScalarClass(rawValue: 1)
    /// `\p{N}`
    static let number = ScalarClass(rawValue: 2)
    /// `\s`: the property White_Space
    static let space = ScalarClass(rawValue: 4)
    /// `[\r\n]`
    static let newline = ScalarClass(rawValue: 8)
    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`: may stand in the upper-case part of a word
    static let upper = ScalarClass(rawValue: 16)
    /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`: may stand in the lower-case part of a word
    static let lower = ScalarClass(rawValue: 32)
    /// `/`
    static let slash = ScalarClass(rawValue: 64)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The class of a scalar, from the standard library's Unicode data.
    init(computing scalar: Unicode.Scalar) {
        let properties = scalar.properties
        var found: ScalarClass
        switch properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter: found = [.letter, .upper]
        case .lowercaseLetter: found = [.letter, .lower]
        case .modifierLetter, .otherLetter: found = [.letter, .upper, .lower]
        case .nonspacingMark, .spacingMark, .enclosingMark: found = [.upper, .lower]
        case .decimalNumber, .letterNumber, .otherNumber: found = .number
        default: found = []
        }
        if properties.isWhitespace { found.insert(.space) }
        if scalar == "\r" || scalar == "\n" { found.insert(.newline) }
        if scalar == "/" { found.insert(.slash) }
        self = found
    }

    /// The classes of U+0000 to U+FFFF by value, as the standard library takes tens of nanoseconds
    /// for each; the rest of Unicode is rare enough to be asked each time.
    static let basicPlane: [ScalarClass] = (0..<0x1_0000 as Range<UInt32>).map { value in
        Unicode.Scalar(value).map(ScalarClass.init(computing:)) ?? []
    }
}
