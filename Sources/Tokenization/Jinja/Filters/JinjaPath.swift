/// The attribute argument of filters: `name`, `a.b.0`, or an integer.
struct JinjaPath {
    let keys: [JinjaValue]

    init(_ argument: JinjaValue) throws(JinjaFault) {
        switch argument {
        case .none, .undefined: keys = []
        case .string(let text):
            keys = PythonText.split(text, at: ".", limit: -1).map { part in
                PythonText.all(part, PythonText.isDigit)
                    ? Int(part).map { .integer($0) } ?? .string(part) : .string(part)
            }
        case .integer: keys = [argument]
        default:
            throw JinjaFault(
                .value,
                "an attribute is named by a string or an integer, "
                    + "not by \(argument.typeName)"
            )
        }
    }
}

extension JinjaInterpreter {
    mutating func follow(
        _ path: JinjaPath,
        from value: JinjaValue,
        default standard: JinjaValue? = nil
    ) throws(JinjaFault) -> JinjaValue {
        var value = value
        for key in path.keys {
            try charge(1)
            if value.isUndefined {
                throw JinjaFault(.undefined, "an element of the list has no such attribute")
            }
            value = try element(key, of: value)
            if value.isUndefined, let standard, !standard.isNone { value = standard }
        }
        return value
    }

    mutating func follow(
        _ path: JinjaPath,
        in elements: [JinjaValue],
        default standard: JinjaValue? = nil
    ) throws(JinjaFault) -> [JinjaValue] {
        var found: [JinjaValue] = []
        found.reserveCapacity(elements.count)
        for element in elements {
            found.append(try follow(path, from: element, default: standard))
        }
        return found
    }

    /// Strings in lower case, as the filters compare them unless told otherwise.
    mutating func folded(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        guard case .string(let text) = value else { return value }
        try charge(text.utf8.count / 32)
        return .string(PythonText.lower(text))
    }
}
