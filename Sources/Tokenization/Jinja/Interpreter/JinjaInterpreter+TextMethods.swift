// The methods of `str`.

extension JinjaInterpreter {
    mutating func callTextMethod(
        _ method: JinjaMethod,
        on text: String,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = "str.\(method.rawValue)"
        switch method {
        case .format: return try string(try braceFormat(text, arguments))
        case .formatMap:
            let bound = try arguments.bind(to: name, ["mapping"], required: 1)
            guard case .object(let object) = bound[0] else {
                throw JinjaFault(.value, "\(name) needs an object")
            }
            var given = JinjaArguments()
            for entry in object.entries {
                if case .string(let key) = entry.key { given.keywords.append((key, entry.value)) }
            }
            return try string(try braceFormat(text, given))
        case .split, .rsplit: return try splitText(text, method, arguments)
        case .splitlines:
            let bound = try arguments.bind(to: name, ["keepends"])
            return try strings(PythonText.lines(text, keepingEnds: bound.bool(0)))
        default:
            // The rest takes no names in Python.
            try arguments.refuseKeywords(of: name)
            return try callPositionalTextMethod(method, on: text, arguments, name: name)
        }
    }

    private mutating func callPositionalTextMethod(
        _ method: JinjaMethod,
        on text: String,
        _ arguments: JinjaArguments,
        name: String
    ) throws(JinjaFault) -> JinjaValue {
        switch method {
        case .strip, .lstrip, .rstrip:
            let bound = try arguments.bind(to: name, ["characters"])
            let characters = bound.isMissing(0) ? nil : try bound.string(0)
            let side: PythonText.Side =
                method == .strip ? .both : method == .lstrip ? .left : .right
            return .string(PythonText.strip(text, characters, side))
        case .startswith, .endswith: return try testEnds(of: text, method, arguments)
        case .find, .rfind, .index, .rindex, .count:
            return try search(text, method, arguments)
        case .replace:
            let bound = try arguments.bind(to: name, ["old", "new", "count"], required: 2)
            return try replaced(
                text,
                try bound.string(0),
                try bound.string(1),
                limit: try bound.integer(2, default: -1)
            )
        case .join:
            let bound = try arguments.bind(to: name, ["elements"], required: 1)
            return try joined(try elements(of: bound[0]), by: text, strict: true)
        case .partition, .rpartition:
            let separator = try arguments.bind(to: name, ["separator"], required: 1).string(0)
            guard !separator.isEmpty else { throw emptySeparator(name) }
            let parts = PythonText.partition(text, at: separator, last: method == .rpartition)
            return .tuple(JinjaList(parts.map { .string($0) }))
        case .removeprefix, .removesuffix:
            let part = try arguments.bind(to: name, ["part"], required: 1).string(0)
            return .string(removed(part, from: text, suffix: method == .removesuffix))
        case .center, .ljust, .rjust, .zfill, .expandtabs:
            return try padText(text, method, arguments)
        default:
            _ = try arguments.bind(to: name, [])
            return try convertOrTest(text, method)
        }
    }

    /// The methods without arguments.
    private mutating func convertOrTest(
        _ text: String,
        _ method: JinjaMethod
    ) throws(JinjaFault) -> JinjaValue {
        switch method {
        case .upper: return try string(PythonText.upper(text))
        case .lower: return try string(PythonText.lower(text))
        case .casefold: return try string(PythonText.folded(text))
        case .title: return try string(PythonText.titled(text))
        case .capitalize: return try string(PythonText.capitalized(text))
        case .swapcase: return try string(PythonText.swappedCase(text))
        case .isalnum: return .bool(PythonText.all(text, PythonText.isAlphanumeric))
        case .isalpha: return .bool(PythonText.all(text, PythonText.isLetter))
        case .isdecimal: return .bool(PythonText.all(text, PythonText.isDecimal))
        case .isdigit: return .bool(PythonText.all(text, PythonText.isDigit))
        case .isnumeric: return .bool(PythonText.all(text) { $0.properties.numericType != nil })
        case .isspace: return .bool(PythonText.all(text, PythonText.isSpace))
        case .isascii: return .bool(text.utf8.allSatisfy { $0 < 0x80 })
        case .isprintable:
            return .bool(text.unicodeScalars.allSatisfy(PythonText.isPrintable))
        case .isidentifier: return .bool(PythonText.isIdentifier(text))
        case .isupper: return .bool(PythonText.isAll(text, upper: true))
        case .islower: return .bool(PythonText.isAll(text, upper: false))
        case .istitle: return .bool(PythonText.isTitled(text))
        default: preconditionFailure("str has no method \(method.rawValue)")
        }
    }

    private func emptySeparator(_ name: String) -> JinjaFault {
        JinjaFault(.value, "\(name) needs a separator that is not empty")
    }

    mutating func strings(_ parts: [String]) throws(JinjaFault) -> JinjaValue {
        try list(parts.map { .string($0) })
    }

    private mutating func splitText(
        _ text: String,
        _ method: JinjaMethod,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = "str.\(method.rawValue)"
        let bound = try arguments.bind(to: name, ["sep", "maxsplit"])
        let limit = try bound.integer(1, default: -1)
        let isFromEnd = method == .rsplit
        if bound.isMissing(0) {
            return try strings(
                isFromEnd
                    ? PythonText.wordsFromEnd(text, limit: limit)
                    : PythonText.words(text, limit: limit)
            )
        }
        let separator = try bound.string(0)
        guard !separator.isEmpty else { throw emptySeparator(name) }
        return try strings(
            isFromEnd
                ? PythonText.splitFromEnd(text, at: separator, limit: limit)
                : PythonText.split(text, at: separator, limit: limit)
        )
    }

    private func removed(_ part: String, from text: String, suffix: Bool) -> String {
        if part.isEmpty { return text }
        if suffix {
            guard PythonText.hasSuffix(text, part) else { return text }
            return PythonText.string(Array(text.utf8).dropLast(part.utf8.count))
        }
        guard PythonText.hasPrefix(text, part) else { return text }
        return PythonText.string(Array(text.utf8).dropFirst(part.utf8.count))
    }
}
