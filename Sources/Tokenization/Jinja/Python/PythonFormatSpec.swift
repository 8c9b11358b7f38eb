/// Python's format specification: `[[fill]align][sign][#][0][width][,][.precision][type]`.
struct PythonFormatSpec {
    enum Alignment: Character { case left = "<", right = ">", center = "^", afterSign = "=" }

    var fill: Unicode.Scalar = " "
    var alignment: Alignment?
    /// `+`, `-` or a space.
    var sign: Unicode.Scalar = "-"
    var isAlternate = false
    var width = 0
    /// `,` or `_` between groups of digits.
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?

    /// Widths and precisions beyond this are nobody's intention.
    static let largestSize = 10_000

    init() {}

    init(parsing text: String) throws(JinjaFault) {
        var rest = Array(text.unicodeScalars)[...]
        if rest.count > 1, let second = rest.dropFirst().first,
            let alignment = Alignment(rawValue: Character(second))
        {
            fill = rest.removeFirst()
            self.alignment = alignment
            rest.removeFirst()
        } else if let first = rest.first, let alignment = Alignment(rawValue: Character(first)) {
            self.alignment = alignment
            rest.removeFirst()
        }
        if let first = rest.first, first == "+" || first == "-" || first == " " {
            sign = rest.removeFirst()
        }
        if rest.first == "#" {
            isAlternate = true
            rest.removeFirst()
        }
        if rest.first == "0" {
            if alignment == nil {
                fill = "0"
                alignment = .afterSign
            }
            rest.removeFirst()
        }
        width = try Self.number(&rest) ?? 0
        if let first = rest.first, first == "," || first == "_" { grouping = rest.removeFirst() }
        if rest.first == "." {
            rest.removeFirst()
            precision = try Self.number(&rest)
            if precision == nil { throw Self.invalid(text) }
        }
        type = rest.popFirst()
        if !rest.isEmpty { throw Self.invalid(text) }
    }

    private static func invalid(_ text: String) -> JinjaFault {
        JinjaFault(.value, "'\(text)' is no format specification")
    }

    static func number(_ rest: inout ArraySlice<Unicode.Scalar>) throws(JinjaFault) -> Int? {
        var value: Int?
        while let digit = rest.first, ("0"..."9").contains(digit) {
            rest.removeFirst()
            let next = (value ?? 0) * 10 + Int(digit.value - 0x30)
            guard next <= largestSize else {
                throw JinjaFault(
                    .limit,
                    "a format has at most \(largestSize) columns and digits"
                )
            }
            value = next
        }
        return value
    }

    /// Pads a text or a number whose sign and prefix come first in `head`.
    func pad(_ head: String, _ body: String, default standard: Alignment) -> String {
        let text = head + body
        let missing = width - PythonText.length(text)
        guard missing > 0 else { return text }
        let padding = { (count: Int) in String(repeating: String(self.fill), count: count) }
        switch alignment ?? standard {
        case .left: return text + padding(missing)
        case .right: return padding(missing) + text
        case .center: return padding(missing / 2) + text + padding(missing - missing / 2)
        case .afterSign: return head + padding(missing) + body
        }
    }
}

// MARK: - Values

extension PythonFormatSpec {
    func format(_ text: String) throws(JinjaFault) -> String {
        guard type == nil || type == "s", alignment != .afterSign || fill == "0", sign == "-",
            grouping == nil, !isAlternate
        else {
            throw JinjaFault(.value, "a string cannot be formatted this way")
        }
        let cut = precision.map { PythonText.string(text.unicodeScalars.prefix($0)) } ?? text
        // Zero padding by '0' means fill, not sign, for text.
        var spec = self
        if alignment == .afterSign { spec.alignment = .left }
        return spec.pad("", cut, default: .left)
    }

    func format(_ value: Int) throws(JinjaFault) -> String {
        let body: String
        var prefix = ""
        switch type {
        case nil, "d", "n": body = String(value.magnitude)
        case "b", "o", "x", "X":
            let radix = type == "b" ? 2 : type == "o" ? 8 : 16
            body = String(value.magnitude, radix: radix, uppercase: type == "X")
            if isAlternate, let type { prefix = "0" + String(type) }
        case "c":
            guard let code = UInt32(exactly: value), let scalar = Unicode.Scalar(code) else {
                throw JinjaFault(.value, "\(value) is no character")
            }
            return pad("", String(scalar), default: .left)
        default: return try format(Double(value))
        }
        guard precision == nil else {
            throw JinjaFault(.value, "an integer has no precision: use the type 'f'")
        }
        let head = signText(isNegative: value < 0) + prefix
        return pad(head, grouped(body, every: type == nil || type == "d" ? 3 : 4), default: .right)
    }

    func format(_ value: Double) throws(JinjaFault) -> String {
        let magnitude = value.magnitude
        var body: String
        switch type {
        case "f", "F": body = PythonFloat.fixed(magnitude, precision ?? 6)
        case "e", "E": body = PythonFloat.scientific(magnitude, precision ?? 6)
        case "g", "G", "n":
            body = PythonFloat.general(magnitude, max(1, precision ?? 6), alternate: isAlternate)
        case "%": body = PythonFloat.fixed(magnitude * 100, precision ?? 6) + "%"
        case nil: body = plain(magnitude)
        default: throw JinjaFault(.value, "a float cannot be formatted this way")
        }
        if type == "E" || type == "G" || type == "F" { body = body.uppercased() }
        let isNegative = value.sign == .minus && !value.isNaN
        return pad(signText(isNegative: isNegative), grouped(body, every: 3), default: .right)
    }

    /// No type: `repr`, or with a precision `g` that keeps one decimal and therefore turns to the
    /// scientific notation one digit earlier.
    private func plain(_ value: Double) -> String {
        guard let precision, value.isFinite else { return PythonFloat.representation(of: value) }
        let digits = max(1, precision)
        let scientific = PythonFloat.scientific(value, digits - 1)
        let parts = scientific.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return scientific }
        if exponent < -4 || exponent + 1 > digits - 1 {
            var mantissa = parts[0]
            if mantissa.contains(".") {
                while mantissa.last == "0" { mantissa.removeLast() }
                if mantissa.last == "." { mantissa.removeLast() }
            }
            return mantissa + "e" + parts[1]
        }
        let text = PythonFloat.general(value, digits)
        return text.contains(".") ? text : text + ".0"
    }

    private func signText(isNegative: Bool) -> String {
        isNegative ? "-" : sign == "-" ? "" : String(sign)
    }

    private func grouped(_ text: String, every size: Int) -> String {
        guard let grouping else { return text }
        let digits = text.prefix { $0.isASCII && $0.isHexDigit }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % size == 0 { result += String(grouping) }
            result.append(digit)
        }
        return result + text.dropFirst(digits.count)
    }
}
