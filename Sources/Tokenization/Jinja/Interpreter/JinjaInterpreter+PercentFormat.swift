// `'%s is %5.1f' % (name, value)` and the `format` filter.

extension JinjaInterpreter {
    mutating func percentFormat(
        _ format: String,
        _ arguments: JinjaValue
    ) throws(JinjaFault) -> String {
        var source = PercentArguments(arguments)
        var rest = Array(format.unicodeScalars)[...]
        var result = ""
        while let next = rest.popFirst() {
            guard next == "%" else {
                result.unicodeScalars.append(next)
                continue
            }
            let text = try formatDirective(&rest, &source)
            try reserve(bytes: result.utf8.count + text.utf8.count, added: text.utf8.count)
            result += text
        }
        guard source.isUsedUp else {
            throw JinjaFault(.value, "the format has fewer places than arguments")
        }
        return result
    }

    private mutating func formatDirective(
        _ rest: inout ArraySlice<Unicode.Scalar>,
        _ source: inout PercentArguments
    ) throws(JinjaFault) -> String {
        let key = try takeKey(&rest)
        var spec = PythonFormatSpec()
        spec.alignment = .right
        while let flag = rest.first, "#0- +".unicodeScalars.contains(flag) {
            rest.removeFirst()
            switch flag {
            case "#": spec.isAlternate = true
            case "-": spec.alignment = .left
            case "0": if spec.alignment != .left { spec.alignment = .afterSign }
            case "+": spec.sign = "+"
            default: if spec.sign != "+" { spec.sign = " " }
            }
        }
        try takeSizes(&rest, &source, &spec)
        while let size = rest.first, "hlL".unicodeScalars.contains(size) { rest.removeFirst() }
        guard let type = rest.popFirst() else {
            throw JinjaFault(.value, "the format ends inside a '%': write '%%' for a percent sign")
        }
        if type == "%" { return "%" }
        let value = try source.take(key)
        return try formatted(value, as: type, spec)
    }

    private func takeKey(
        _ rest: inout ArraySlice<Unicode.Scalar>
    ) throws(JinjaFault) -> String? {
        guard rest.first == "(" else { return nil }
        guard let end = rest.firstIndex(of: ")") else {
            throw JinjaFault(.value, "'%(' in a format is never closed")
        }
        let key = PythonText.string(rest[(rest.startIndex + 1)..<end])
        rest = rest[(end + 1)...]
        return key
    }

    private func takeSizes(
        _ rest: inout ArraySlice<Unicode.Scalar>,
        _ source: inout PercentArguments,
        _ spec: inout PythonFormatSpec
    ) throws(JinjaFault) {
        if rest.first == "*" {
            rest.removeFirst()
            spec.width = try source.takeSize()
            if spec.width < 0 {
                spec.width = -spec.width
                spec.alignment = .left
            }
        } else {
            spec.width = try PythonFormatSpec.number(&rest) ?? 0
        }
        guard rest.first == "." else { return }
        rest.removeFirst()
        if rest.first == "*" {
            rest.removeFirst()
            spec.precision = max(0, try source.takeSize())
        } else {
            spec.precision = try PythonFormatSpec.number(&rest) ?? 0
        }
    }

    private mutating func formatted(
        _ value: JinjaValue,
        as type: Unicode.Scalar,
        _ given: PythonFormatSpec
    ) throws(JinjaFault) -> String {
        var spec = given
        if spec.alignment == .afterSign { spec.fill = "0" }
        switch type {
        case "s", "r", "a":
            let text = type == "s" ? try text(of: value) : try representation(of: value)
            spec.fill = " "
            spec.sign = "-"
            spec.isAlternate = false
            if spec.alignment == .afterSign { spec.alignment = .right }
            return try spec.format(text)
        case "d", "i", "u", "o", "x", "X":
            guard let number = JinjaNumber(value) else { throw wrongType(value, type) }
            return try formatted(number, as: type, spec)
        case "e", "E", "f", "F", "g", "G":
            guard let number = JinjaNumber(value) else { throw wrongType(value, type) }
            spec.type = type
            return try spec.format(number.asDouble)
        case "c":
            if case .string(let text) = value, PythonText.length(text) == 1 {
                return try spec.format(text)
            }
            guard case .integer(let code) = value else { throw wrongType(value, type) }
            spec.type = "c"
            return try spec.format(code)
        default: throw JinjaFault(.value, "'%\(type)' is no format")
        }
    }

    private func formatted(
        _ number: JinjaNumber,
        as type: Unicode.Scalar,
        _ given: PythonFormatSpec
    ) throws(JinjaFault) -> String {
        var spec = given
        let isDecimal = "diu".unicodeScalars.contains(type)
        spec.type = isDecimal ? "d" : type
        // In '%' formats a precision is the least number of digits.
        let digits = spec.precision ?? 0
        spec.precision = nil
        let integer: Int
        switch number {
        case .integer(let value): integer = value
        case .float(let value):
            guard isDecimal, let whole = Int(exactly: value.rounded(.towardZero)) else {
                throw wrongType(.float(value), type)
            }
            integer = whole
        }
        let width = spec.width
        spec.width = 0
        let text = try spec.format(integer)
        let head = text.prefix { !$0.isHexDigit }
        var body = String(text.dropFirst(head.count))
        if body.count < digits { body = String(repeating: "0", count: digits - body.count) + body }
        spec.width = width
        return spec.pad(String(head), body, default: .right)
    }

    private func wrongType(_ value: JinjaValue, _ type: Unicode.Scalar) -> JinjaFault {
        JinjaFault(.value, "'%\(type)' does not format \(value.typeName)")
    }
}

/// The right side of `%`: a tuple gives one value after another, an object gives them by name, and
/// anything else is the only value.
private struct PercentArguments {
    private let values: [JinjaValue]
    private let object: JinjaObject?
    private let isTuple: Bool
    private var index = 0

    init(_ arguments: JinjaValue) {
        if case .tuple(let list) = arguments {
            values = list.elements
        } else {
            values = [arguments]
        }
        if case .tuple = arguments { isTuple = true } else { isTuple = false }
        object = arguments.objectValue
    }

    /// What has elements by name or position (for Python that is all but scalars) need not be used.
    var isUsedUp: Bool {
        if !isTuple, object != nil || values[0].listValue != nil || values[0].isUndefined {
            return true
        }
        return index == values.count
    }

    mutating func take(_ key: String?) throws(JinjaFault) -> JinjaValue {
        if let key {
            guard let object else {
                throw JinjaFault(.value, "'%(\(key))' needs names with values")
            }
            guard let value = object[key] else {
                throw JinjaFault(.value, "the format has no argument called '\(key)'")
            }
            return value
        }
        guard index < values.count else {
            throw JinjaFault(.value, "the format has more places than arguments")
        }
        index += 1
        return values[index - 1]
    }

    mutating func takeSize() throws(JinjaFault) -> Int {
        guard case .integer(let size) = try take(nil),
            size.magnitude <= PythonFormatSpec.largestSize
        else { throw JinjaFault(.value, "'*' in a format needs a small integer") }
        return size
    }
}
