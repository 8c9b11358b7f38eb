/// `int(text, base)`; nil where Python refuses or 64 bits do not suffice.
enum PythonInteger {
    static func parse(_ text: String, base: Int) -> Int? {
        var digits = Substring(PythonText.strip(text, nil))
        var isNegative = false
        if let sign = digits.first, sign == "+" || sign == "-" {
            isNegative = sign == "-"
            digits = digits.dropFirst()
        }
        var radix = base
        if digits.first == "0", let marker = digits.dropFirst().first,
            let prefixed = prefixRadix(marker), base == 0 || base == prefixed
        {
            radix = prefixed
            digits = digits.dropFirst(2)
            if digits.first == "_" { digits = digits.dropFirst() }
        } else if base == 0 {
            radix = 10
            // Base 0 reads literals, and '010' is none.
            if digits.first == "0", digits.contains(where: { $0 != "0" && $0 != "_" }) {
                return nil
            }
        }
        guard (2...36).contains(radix), let first = digits.first, first != "+", first != "-",
            PythonFloat.underscoresSeparateDigits(String(digits))
        else { return nil }
        let plain = (isNegative ? "-" : "") + digits.filter { $0 != "_" }
        return Int(plain, radix: radix)
    }

    private static func prefixRadix(_ marker: Character) -> Int? {
        switch marker {
        case "x", "X": 16
        case "o", "O": 8
        case "b", "B": 2
        default: nil
        }
    }
}
