// Padding and quoting.

extension PythonText {
    enum Alignment { case left, right, center }

    /// Padded with `fill` to `width` code points.
    static func padded(
        _ text: String,
        to width: Int,
        _ alignment: Alignment,
        fill: Unicode.Scalar = " "
    ) -> String {
        let missing = width - length(text)
        guard missing > 0 else { return text }
        let before: Int =
            switch alignment {
            case .left: 0
            case .right: missing
            // Python's `center` puts the odd space left only when the width is odd too.
            case .center: missing / 2 + (missing & width & 1)
            }
        return String(repeating: String(fill), count: before) + text
            + String(repeating: String(fill), count: missing - before)
    }

    /// `str.zfill`: zeros between the sign and the digits.
    static func zeroFilled(_ text: String, to width: Int) -> String {
        let missing = width - length(text)
        guard missing > 0 else { return text }
        let zeros = String(repeating: "0", count: missing)
        guard let sign = text.unicodeScalars.first, sign == "+" || sign == "-" else {
            return zeros + text
        }
        return String(sign) + zeros + String(text.unicodeScalars.dropFirst())
    }

    static func expandedTabs(_ text: String, to size: Int) -> String {
        var result = ""
        var column = 0
        for scalar in text.unicodeScalars {
            if scalar == "\t" {
                let spaces = size > 0 ? size - column % size : 0
                result += String(repeating: " ", count: spaces)
                column += spaces
            } else {
                result.unicodeScalars.append(scalar)
                column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
            }
        }
        return result
    }

    /// `repr()` of a string: the quotes it needs least, the unprintable escaped.
    package static func representation(of text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for scalar in scalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case quote: result += "\\" + String(quote)
            default:
                if isPrintable(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += escape(scalar)
                }
            }
        }
        return result + String(quote)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case ..<0x100: "\\x" + hex(scalar.value, digits: 2)
        case ..<0x10000: "\\u" + hex(scalar.value, digits: 4)
        default: "\\U" + hex(scalar.value, digits: 8)
        }
    }

    static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
