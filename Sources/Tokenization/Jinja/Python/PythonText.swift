/// What Python's `str` does, on Swift strings: positions and lengths count code points (Swift's
/// characters would join "e" and an accent), and nothing is normalised.
package enum PythonText {
    /// `str.isspace()` of one code point, which is also what a regular expression's `\s` matches.
    package static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
            0x205F, 0x3000:
            true
        default: false
        }
    }

    /// `str.isalpha()` of one code point.
    package static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            true
        default: false
        }
    }

    /// `str.isalnum()` of one code point.
    package static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isLetter(scalar) || ("0"..."9").contains(scalar) }
        return isLetter(scalar) || scalar.properties.numericType != nil
    }

    /// `str.isprintable()` of one code point, which decides what `repr()` escapes.
    package static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            false
        default: true
        }
    }

    /// `str.isidentifier()`.
    package static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first,
            first == "_" || first.properties.isXIDStart
        else { return false }
        return text.unicodeScalars.dropFirst().allSatisfy { $0.properties.isXIDContinue }
    }

    /// `len()`.
    package static func length(_ text: String) -> Int {
        text.unicodeScalars.count
    }

    /// `count` copies, made by doubling: `String(repeating:count:)` appends one at a time.
    static func repeated(_ text: String, count: Int) -> String {
        guard count > 0 else { return "" }
        var result = text
        var copies = 1
        while copies <= count / 2 {
            result += result
            copies *= 2
        }
        return copies == count ? result : result + repeated(text, count: count - copies)
    }

    package static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(scalars.underestimatedCount)
        for scalar in scalars {
            if scalar.isASCII {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                bytes += String(scalar).utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of a range of a valid string cut at code point boundaries.
    static func string(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
