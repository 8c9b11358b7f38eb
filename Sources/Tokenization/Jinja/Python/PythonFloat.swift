/// Floats as Python writes them.
package enum PythonFloat {
    /// `repr()`: the shortest digits that read back as the same number, in scientific notation
    /// below 1e-4 and from 1e16.
    package static func representation(of value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
        let (digits, exponent) = shortestDigits(of: value.magnitude)
        let sign = value < 0 ? "-" : ""
        if exponent < -4 || exponent >= 16 {
            return sign + scientific(digits, exponent)
        }
        return sign + positional(digits, exponent)
    }

    /// The digits `d` and the exponent `e` of d.ddd × 10^e. Swift also prints the shortest digits,
    /// only in another layout.
    static func shortestDigits(of value: Double) -> (digits: String, exponent: Int) {
        var mantissa = Substring(value.description)
        var exponent = 0
        if let marker = mantissa.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            exponent = Int(mantissa[mantissa.index(after: marker)...]) ?? 0
            mantissa = mantissa[..<marker]
        }
        let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        let whole = parts[0]
        let fraction = parts.count > 1 ? parts[1] : ""
        var digits = Substring(String(whole) + String(fraction))
        exponent += whole.count - 1
        while digits.count > 1, digits.first == "0" {
            digits = digits.dropFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == "0" { digits = digits.dropLast() }
        return (String(digits), exponent)
    }

    private static func scientific(_ digits: String, _ exponent: Int) -> String {
        let fraction = digits.dropFirst()
        let mantissa = String(digits.prefix(1)) + (fraction.isEmpty ? "" : "." + fraction)
        return mantissa + exponentText(exponent)
    }

    /// `e+05`: at least two digits.
    static func exponentText(_ exponent: Int) -> String {
        let magnitude = String(abs(exponent))
        let padded = magnitude.count < 2 ? "0" + magnitude : magnitude
        return (exponent < 0 ? "e-" : "e+") + padded
    }

    private static func positional(_ digits: String, _ exponent: Int) -> String {
        if exponent < 0 {
            return "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        let wholeCount = exponent + 1
        if digits.count <= wholeCount {
            return digits + String(repeating: "0", count: wholeCount - digits.count) + ".0"
        }
        return String(digits.prefix(wholeCount) + "." + digits.dropFirst(wholeCount))
    }
}
