import Foundation

extension JinjaInterpreter {
    func applyNumberFilter(
        _ filter: JinjaFilter,
        to value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = filter.rawValue
        switch filter {
        case .abs:
            _ = try arguments.bind(to: name, [])
            switch JinjaNumber(value) {
            case .integer(let number) where number != Int.min: return .integer(Swift.abs(number))
            case .float(let number): return .float(number.magnitude)
            default: throw JinjaFault(.value, "abs works on numbers, not on \(value.typeName)")
            }
        case .int:
            let bound = try arguments.bind(to: name, ["default", "base"])
            let standard = bound.isGiven(0) ? bound[0] : 0
            return try integer(value, base: try bound.integer(1, default: 10)) ?? standard
        case .float:
            let bound = try arguments.bind(to: name, ["default"])
            return try float(value).map { .float($0) } ?? (bound.isGiven(0) ? bound[0] : 0.0)
        case .filesizeformat:
            let bound = try arguments.bind(to: name, ["binary"])
            guard let bytes = try float(value) else {
                throw JinjaFault(.value, "filesizeformat works on numbers")
            }
            return .string(Self.fileSize(bytes, binary: bound.bool(0)))
        default:
            let bound = try arguments.bind(to: name, ["precision", "method"])
            return try rounded(
                value,
                digits: try bound.integer(0, default: 0),
                method: try bound.string(1, default: "common")
            )
        }
    }

    /// Python's `int()`, with Jinja's detour over `float` for text like "42.23".
    private func integer(_ value: JinjaValue, base: Int) throws(JinjaFault) -> JinjaValue? {
        switch value {
        case .bool(let flag): return .integer(flag ? 1 : 0)
        case .integer: return value
        case .float(let number): return try truncated(number)
        case .string(let text):
            if let number = PythonInteger.parse(text, base: base) { return .integer(number) }
            guard let number = PythonFloat.parse(text), number.isFinite else { return nil }
            return try truncated(number)
        case .undefined: throw JinjaFault(.undefined, "an undefined value is no integer")
        default: return nil
        }
    }

    private func truncated(_ number: Double) throws(JinjaFault) -> JinjaValue? {
        guard number.isFinite else {
            if number.isNaN { return nil }
            throw JinjaFault(.value, "an infinite number is no integer")
        }
        guard let integer = Int(exactly: number.rounded(.towardZero)) else {
            throw JinjaFault(.value, "the number does not fit a 64-bit integer")
        }
        return .integer(integer)
    }

    private func float(_ value: JinjaValue) throws(JinjaFault) -> Double? {
        if case .undefined = value {
            throw JinjaFault(.undefined, "an undefined value is no number")
        }
        if let number = JinjaNumber(value) { return number.asDouble }
        return value.stringValue.flatMap(PythonFloat.parse)
    }

    private func rounded(
        _ value: JinjaValue,
        digits: Int,
        method: String
    ) throws(JinjaFault) -> JinjaValue {
        guard let number = JinjaNumber(value) else {
            throw JinjaFault(.value, "round works on numbers, not on \(value.typeName)")
        }
        if method == "common" {
            guard case .float(let float) = number else { return try rounded(number, digits) }
            return .float(PythonFloat.rounded(float, digits: digits))
        }
        guard method == "ceil" || method == "floor" else {
            throw JinjaFault(.value, "round knows the methods 'common', 'ceil' and 'floor'")
        }
        let unit = try PythonArithmetic.compute(.power, .integer(10), .integer(digits))
        guard let unit = JinjaNumber(unit)?.asDouble else { return .undefined }
        let scaled = number.asDouble * unit
        guard scaled.isFinite else {
            throw JinjaFault(.value, "an infinite number cannot be rounded to an integer")
        }
        // Python's ceil and floor give integers, which have no negative zero.
        let whole = scaled.rounded(method == "ceil" ? .up : .down) + 0
        return .float(whole / unit)
    }

    /// Integers round only to tens and above, ties to even.
    private func rounded(
        _ number: JinjaNumber,
        _ digits: Int
    ) throws(JinjaFault) -> JinjaValue {
        guard case .integer(let value) = number, digits < 0 else { return number.value }
        guard digits > -19 else { return 0 }
        var unit = 1
        for _ in 0..<(-digits) { unit *= 10 }
        let low = value - ((value % unit) + unit) % unit
        let rest = value - low
        let isUp = rest * 2 > unit || (rest * 2 == unit && (low / unit) % 2 != 0)
        return .integer(isUp ? low + unit : low)
    }

    private static func fileSize(_ bytes: Double, binary: Bool) -> String {
        let base = binary ? 1024.0 : 1000.0
        if bytes == 1 { return "1 Byte" }
        if bytes < base { return "\(Int(max(bytes, -1e15))) Bytes" }
        let prefixes =
            binary
            ? ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]
            : ["k", "M", "G", "T", "P", "E", "Z", "Y"]
        var unit = base
        for prefix in prefixes {
            unit *= base
            if bytes < unit || prefix == prefixes.last {
                return PythonFloat.fixed(base * bytes / unit, 1) + " \(prefix)B"
            }
        }
        return ""
    }
}
