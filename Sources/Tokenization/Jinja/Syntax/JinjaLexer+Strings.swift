// String literals, with Python's escapes.

extension JinjaLexer {
    /// The value of the literal that begins at `position`.
    mutating func scanString(quote: Unicode.Scalar) throws(JinjaError) -> String {
        let start = position
        var value = String.UnicodeScalarView()
        position += 1
        while let next = scalar(at: position) {
            position += 1
            if next == quote { return String(value) }
            if next == "\\" {
                try scanEscape(into: &value, from: start)
            } else {
                value.append(next)
            }
        }
        throw failure("this string is never closed: add \(quote)", at: start)
    }

    private mutating func scanEscape(
        into value: inout String.UnicodeScalarView,
        from start: Int
    ) throws(JinjaError) {
        guard let letter = scalar(at: position) else { return }
        position += 1
        switch letter {
        case "\n": break  // A line continued.
        case "\\", "'", "\"": value.append(letter)
        case "n": value.append("\n")
        case "t": value.append("\t")
        case "r": value.append("\r")
        case "a": value.append("\u{07}")
        case "b": value.append("\u{08}")
        case "f": value.append("\u{0C}")
        case "v": value.append("\u{0B}")
        case "x": value.append(try scanCodePoint(digits: 2, at: start))
        case "u": value.append(try scanCodePoint(digits: 4, at: start))
        case "U": value.append(try scanCodePoint(digits: 8, at: start))
        case "0"..."7": value.append(scanOctal(first: letter))
        case "N":
            throw failure(
                "named characters (\\N{…}) are not offered: use \\u and digits",
                at: start
            )
        default:
            // Python keeps the backslash of an escape that it does not know.
            value.append("\\")
            value.append(letter)
        }
    }

    private mutating func scanCodePoint(
        digits: Int,
        at start: Int
    ) throws(JinjaError) -> Unicode.Scalar {
        let end = position + digits
        guard end <= source.count, let code = UInt32(text(position..<end), radix: 16),
            source[position] != "+"
        else {
            throw failure("an escape in this string needs \(digits) hexadecimal digits", at: start)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw failure("an escape in this string is no Unicode character", at: start)
        }
        position = end
        return scalar
    }

    /// One to three octal digits, at most 0o777, which is always a scalar.
    private mutating func scanOctal(first: Unicode.Scalar) -> Unicode.Scalar {
        var code = first.value - 0x30
        for _ in 0..<2 {
            guard let next = scalar(at: position), ("0"..."7").contains(next) else { break }
            code = code * 8 + (next.value - 0x30)
            position += 1
        }
        return Unicode.Scalar(code) ?? "\u{FFFD}"
    }
}
