// `'{} {name!r:>8}'.format(…)`

extension JinjaInterpreter {
    mutating func braceFormat(
        _ format: String,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> String {
        var automatic = 0
        return try braceFormat(
            Array(format.unicodeScalars)[...],
            arguments,
            automatic: &automatic,
            nesting: 0
        )
    }

    private mutating func braceFormat(
        _ format: ArraySlice<Unicode.Scalar>,
        _ arguments: JinjaArguments,
        automatic: inout Int,
        nesting: Int
    ) throws(JinjaFault) -> String {
        var result = ""
        var rest = format
        while let next = rest.popFirst() {
            if next == "{" || next == "}", rest.first == next {
                rest.removeFirst()
                result.unicodeScalars.append(next)
            } else if next == "{" {
                guard nesting < 2 else {
                    throw JinjaFault(.value, "'{}' nests too deep in a format")
                }
                let field = try takeField(&rest)
                let text = try formatField(
                    field,
                    arguments,
                    automatic: &automatic,
                    nesting: nesting
                )
                try reserve(bytes: result.utf8.count + text.utf8.count, added: text.utf8.count)
                result += text
            } else if next == "}" {
                throw JinjaFault(.value, "a single '}' in a format: write '}}'")
            } else {
                result.unicodeScalars.append(next)
            }
        }
        return result
    }

    /// What is between the braces, which may contain braces in its specification.
    private func takeField(
        _ rest: inout ArraySlice<Unicode.Scalar>
    ) throws(JinjaFault) -> ArraySlice<Unicode.Scalar> {
        var level = 1
        for index in rest.indices {
            if rest[index] == "{" { level += 1 }
            if rest[index] == "}" { level -= 1 }
            if level == 0 {
                let field = rest[..<index]
                rest = rest[(index + 1)...]
                return field
            }
        }
        throw JinjaFault(.value, "a '{' in a format is never closed: write '{{' for a brace")
    }

    private mutating func formatField(
        _ field: ArraySlice<Unicode.Scalar>,
        _ arguments: JinjaArguments,
        automatic: inout Int,
        nesting: Int
    ) throws(JinjaFault) -> String {
        let colon = field.firstIndex(of: ":") ?? field.endIndex
        var path = field[..<colon]
        var conversion: Unicode.Scalar?
        if let mark = path.lastIndex(of: "!"), path.count - mark + path.startIndex == 2 {
            conversion = path.last
            path = path[..<mark]
        }
        var value = try lookup(path, arguments, automatic: &automatic)
        let written = try braceFormat(
            field[colon...].dropFirst(),
            arguments,
            automatic: &automatic,
            nesting: nesting + 1
        )
        switch conversion {
        case nil: break
        case "s": value = .string(try text(of: value))
        case "r": value = .string(try representation(of: value))
        default: throw JinjaFault(.value, "a format converts with '!s' or '!r' only")
        }
        return try self.format(value, by: written)
    }

    /// Python's `format(value, spec)`.
    mutating func format(_ value: JinjaValue, by written: String) throws(JinjaFault) -> String {
        if written.isEmpty { return try text(of: value) }
        let spec = try PythonFormatSpec(parsing: written)
        switch value {
        case .string(let text): return try spec.format(text)
        case .bool(let flag): return try spec.format(flag ? 1 : 0)
        case .integer(let number): return try spec.format(number)
        case .float(let number): return try spec.format(number)
        default:
            throw JinjaFault(.value, "a \(value.typeName) takes no format specification")
        }
    }

    /// `0`, `name`, nothing (the next one), then `.member` and `[element]`.
    private mutating func lookup(
        _ path: ArraySlice<Unicode.Scalar>,
        _ arguments: JinjaArguments,
        automatic: inout Int
    ) throws(JinjaFault) -> JinjaValue {
        var rest = path
        let first = PythonText.string(rest.prefix { $0 != "." && $0 != "[" })
        rest = rest.dropFirst(first.unicodeScalars.count)
        var value: JinjaValue
        if path.isEmpty || Int(first) != nil {
            let position = Int(first) ?? automatic
            if path.isEmpty { automatic += 1 }
            guard arguments.positional.indices.contains(position) else {
                throw JinjaFault(.value, "the format has no argument number \(position)")
            }
            value = arguments.positional[position]
        } else {
            guard let found = arguments.keywords.first(where: { $0.name == first }) else {
                throw JinjaFault(.value, "the format has no argument called '\(first)'")
            }
            value = found.value
        }
        while let mark = rest.popFirst() {
            if value.isUndefined {
                throw JinjaFault(.undefined, "a field of a format is undefined")
            }
            if mark == "." {
                let name = PythonText.string(rest.prefix { $0 != "." && $0 != "[" })
                rest = rest.dropFirst(name.unicodeScalars.count)
                value = try member(JinjaAttribute(name), of: value)
            } else {
                let key = PythonText.string(rest.prefix { $0 != "]" })
                rest = rest.dropFirst(key.unicodeScalars.count)
                guard mark == "[", rest.popFirst() == "]" else {
                    throw JinjaFault(.value, "a '[' in a format is never closed")
                }
                value = try element(Int(key).map { .integer($0) } ?? .string(key), of: value)
            }
        }
        return value
    }
}
