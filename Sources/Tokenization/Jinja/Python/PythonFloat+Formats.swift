import Foundation

// `%e`, `%f` and `%g`. The C library rounds the exact binary value half to even, as Python does.

extension PythonFloat {
    /// `%.<precision>f`
    static func fixed(_ value: Double, _ precision: Int) -> String {
        special(value) ?? String(format: "%.*f", precision, value)
    }

    /// `%.<precision>e`
    static func scientific(_ value: Double, _ precision: Int) -> String {
        special(value) ?? String(format: "%.*e", precision, value)
    }

    /// `%.<precision>g`; `alternate` keeps trailing zeros.
    static func general(_ value: Double, _ precision: Int, alternate: Bool = false) -> String {
        special(value) ?? String(format: alternate ? "%#.*g" : "%.*g", precision, value)
    }

    private static func special(_ value: Double) -> String? {
        value.isFinite ? nil : representation(of: value)
    }

    /// `round(value, digits)`: to the nearest decimal, ties on the exact binary value to even.
    static func rounded(_ value: Double, digits: Int) -> Double {
        guard value.isFinite, digits <= 323 else { return value }
        if digits >= 0 { return Double(fixed(value, digits)) ?? value }
        guard digits >= -309 else { return 0 * value }
        let unit = pow(10, Double(-digits))
        return (value / unit).rounded(.toNearestOrEven) * unit
    }

    /// `float(text)`; nil where Python refuses.
    package static func parse(_ text: String) -> Double? {
        var trimmed = PythonText.strip(text, nil)
        let lowered = trimmed.lowercased()
        switch lowered.hasPrefix("+") || lowered.hasPrefix("-")
            ? String(lowered.dropFirst()) : lowered
        {
        case "inf", "infinity": return lowered.hasPrefix("-") ? -Double.infinity : .infinity
        case "nan": return .nan
        default: break
        }
        guard trimmed.utf8.allSatisfy({ isFloatByte($0) }), underscoresSeparateDigits(trimmed)
        else { return nil }
        trimmed.removeAll { $0 == "_" }
        return Double(trimmed)
    }

    private static func isFloatByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || "+-.eE_".utf8.contains(byte)
    }

    /// Python allows `_` between two digits and nowhere else.
    static func underscoresSeparateDigits(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "_") {
            guard index > 0, index + 1 < bytes.count,
                isWordByte(bytes[index - 1]), isWordByte(bytes[index + 1])
            else { return false }
        }
        return true
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
}
