// Upper and lower case, and the questions about them.

extension PythonText {
    static func upper(_ text: String) -> String {
        if let plain = mappedASCII(text, where: UInt8(ascii: "a")...UInt8(ascii: "z")) {
            return plain
        }
        return mapped(text) { $0.properties.uppercaseMapping }
    }

    /// The other case of the letters in `range`; nil where the text is not ASCII.
    private static func mappedASCII(_ text: String, where range: ClosedRange<UInt8>) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            guard byte < 0x80 else { return nil }
            bytes.append(range.contains(byte) ? byte ^ 0x20 : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func lower(_ text: String) -> String {
        if let plain = mappedASCII(text, where: UInt8(ascii: "A")...UInt8(ascii: "Z")) {
            return plain
        }
        let scalars = Array(text.unicodeScalars)
        guard scalars.contains("\u{3A3}") else {
            return mapped(text) { $0.properties.lowercaseMapping }
        }
        var result = ""
        for (index, scalar) in scalars.enumerated() {
            let isFinal = scalar == "\u{3A3}" && isFinalSigma(scalars, at: index)
            result += isFinal ? "\u{3C2}" : scalar.properties.lowercaseMapping
        }
        return result
    }

    /// Sigma has a form of its own at the end of a word: after a cased letter, before none.
    private static func isFinalSigma(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased == true && after?.properties.isCased != true
    }

    /// Without case, for comparison: "ß" and "SS" become the same.
    static func folded(_ text: String) -> String {
        mapped(upper(text)) { $0.properties.lowercaseMapping }
    }

    private static func mapped(
        _ text: String,
        _ mapping: (Unicode.Scalar) -> String
    ) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { result += mapping(scalar) }
        return result
    }

    /// First code point in title case, the rest in lower case.
    static func capitalized(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        let rest = lower(String(text.unicodeScalars.dropFirst()))
        return first.properties.titlecaseMapping + rest
    }

    /// `str.title()`: every run of cased letters capitalised.
    static func titled(_ text: String) -> String {
        var result = ""
        var isInWord = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            result += isInWord ? properties.lowercaseMapping : properties.titlecaseMapping
            isInWord = properties.isCased
        }
        return result
    }

    /// Jinja's `title` filter: words also end at hyphens, brackets and `<`, and at nothing else.
    static func titledWords(_ text: String) -> String {
        var result = ""
        var word = String.UnicodeScalarView()
        func flush() {
            guard let first = word.first else { return }
            result += first.properties.uppercaseMapping + lower(String(word.dropFirst()))
            word = String.UnicodeScalarView()
        }
        for scalar in text.unicodeScalars {
            if "-({[<".unicodeScalars.contains(scalar) || isSpace(scalar) {
                flush()
                result.unicodeScalars.append(scalar)
            } else {
                word.append(scalar)
            }
        }
        flush()
        return result
    }

    static func swappedCase(_ text: String) -> String {
        mapped(text) { scalar in
            let properties = scalar.properties
            if properties.isUppercase { return properties.lowercaseMapping }
            return properties.isLowercase ? properties.uppercaseMapping : String(scalar)
        }
    }

    /// `str.isupper()` and `str.islower()`: some cased letter, and none of the other case.
    static func isAll(_ text: String, upper wanted: Bool) -> Bool {
        var hasCased = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            let isTitle = properties.generalCategory == .titlecaseLetter
            if (wanted ? properties.isLowercase : properties.isUppercase) || isTitle {
                return false
            }
            hasCased = hasCased || (wanted ? properties.isUppercase : properties.isLowercase)
        }
        return hasCased
    }

    static func isTitled(_ text: String) -> Bool {
        var hasCased = false
        var isInWord = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            if properties.isUppercase || properties.generalCategory == .titlecaseLetter {
                if isInWord { return false }
                isInWord = true
                hasCased = true
            } else if properties.isLowercase {
                if !isInWord { return false }
                hasCased = true
            } else {
                isInWord = false
            }
        }
        return hasCased
    }

    /// Whether the text is not empty and `test` holds for all of it.
    static func all(_ text: String, _ test: (Unicode.Scalar) -> Bool) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy(test)
    }

    static func isDecimal(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.numericType == .decimal
    }

    static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        let type = scalar.properties.numericType
        return type == .decimal || type == .digit
    }
}
