extension JinjaInterpreter {
    mutating func applyTextFilter(
        _ filter: JinjaFilter,
        to value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = filter.rawValue
        if filter == .urlencode { return try string(try urlEncoded(value, arguments)) }
        if filter == .indent || filter == .truncate || filter == .wordwrap {
            return try layOut(value, filter, arguments)
        }
        let text = try text(of: value)
        try charge(text.utf8.count / 32)
        switch filter {
        case .trim:
            let bound = try arguments.bind(to: name, ["chars"])
            return .string(PythonText.strip(text, bound.isMissing(0) ? nil : try bound.string(0)))
        case .replace:
            let bound = try arguments.bind(to: name, ["old", "new", "count"], required: 2)
            let limit = bound.isMissing(2) ? -1 : try bound.integer(2)
            return try replaced(
                text,
                try self.text(of: bound[0]),
                try self.text(of: bound[1]),
                limit: limit
            )
        case .center:
            let width = try arguments.bind(to: name, ["width"]).integer(0, default: 80)
            try reserve(bytes: width)
            return .string(PythonText.padded(text, to: width, .center))
        case .format:
            guard arguments.positional.isEmpty || arguments.keywords.isEmpty else {
                throw JinjaFault(.value, "format takes values or names with values, not both")
            }
            var object = JinjaObject()
            for (key, value) in arguments.keywords { object.set(.string(key), to: value) }
            let given: JinjaValue =
                object.isEmpty ? .tuple(JinjaList(arguments.positional)) : .object(object)
            return try string(try percentFormat(text, given))
        default:
            _ = try arguments.bind(to: name, [])
            return try convert(text, filter)
        }
    }

    /// The filters without arguments.
    private mutating func convert(
        _ text: String,
        _ filter: JinjaFilter
    ) throws(JinjaFault) -> JinjaValue {
        switch filter {
        case .upper: return try string(PythonText.upper(text))
        case .lower: return try string(PythonText.lower(text))
        case .capitalize: return try string(PythonText.capitalized(text))
        case .title: return try string(PythonText.titledWords(text))
        case .wordcount: return .integer(PythonText.wordCount(text))
        case .striptags: return try string(PythonText.withoutTags(text))
        default: return try string(PythonText.escapedForHTML(text))
        }
    }

    private mutating func layOut(
        _ value: JinjaValue,
        _ filter: JinjaFilter,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        if filter == .truncate { return try truncated(value, arguments) }
        let name = filter.rawValue
        guard case .string(let text) = value else {
            throw JinjaFault(.value, "\(name) works on strings, not on \(value.typeName)")
        }
        try charge(text.utf8.count / 8)
        switch filter {
        case .indent: return try indented(text, arguments)
        default:
            let bound = try arguments.bind(
                to: name,
                ["width", "break_long_words", "wrapstring", "break_on_hyphens"]
            )
            guard bound.values.dropFirst().allSatisfy({ $0 == nil }) else {
                throw JinjaFault(.unsupported, "wordwrap is offered with a width only")
            }
            let width = try bound.integer(0, default: 79)
            guard width > 0 else { throw JinjaFault(.value, "wordwrap needs a width above 0") }
            return .string(PythonText.wrapped(text, to: width))
        }
    }

    private mutating func truncated(
        _ value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let bound = try arguments.bind(
            to: "truncate",
            ["length", "killwords", "end", "leeway"]
        )
        let end = try bound.string(2, default: "...")
        let size = try bound.integer(0, default: 255)
        let leeway = bound.isMissing(3) ? 5 : try bound.integer(3)
        guard size >= PythonText.length(end), leeway >= 0 else {
            throw JinjaFault(
                .value,
                "truncate needs room for '\(end)' and a leeway of at least 0"
            )
        }
        try charge(value.weight)
        // Jinja lets everything pass that is short enough, lists too.
        if let length = length(of: value), length - leeway <= size { return value }
        guard case .string(let text) = value else {
            throw JinjaFault(.value, "truncate works on strings, not on \(value.typeName)")
        }
        return .string(
            PythonText.truncated(text, to: size, end: end, keepingWords: !bound.bool(1))
        )
    }

    private mutating func indented(
        _ text: String,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let bound = try arguments.bind(to: "indent", ["width", "first", "blank"])
        let indentation: String
        if case .string(let given) = bound[0] {
            indentation = given
        } else {
            let width = try bound.integer(0, default: 4)
            try reserve(bytes: width)
            indentation = String(repeating: " ", count: max(0, width))
        }
        let lines = PythonText.lines(text + "\n")
        try reserve(
            bytes: size(lines.count, times: indentation.utf8.count + 1, plus: text.utf8.count)
        )
        return .string(
            PythonText.indented(
                lines,
                by: indentation,
                first: bound.bool(1),
                blank: bound.bool(2)
            )
        )
    }

    private mutating func urlEncoded(
        _ value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> String {
        _ = try arguments.bind(to: "urlencode", [])
        if value.stringValue != nil || !isIterable(value) {
            return PythonText.percentEncoded(try text(of: value), inQuery: false)
        }
        let pairs: [JinjaValue]
        if let object = value.objectValue {
            pairs = object.elements(.items)
        } else {
            pairs = try elements(of: value)
        }
        var parts: [String] = []
        for pair in pairs {
            let halves = try elements(of: pair)
            guard halves.count == 2 else {
                throw JinjaFault(.value, "urlencode needs an object or pairs")
            }
            let key = PythonText.percentEncoded(try text(of: halves[0]), inQuery: true)
            parts.append(
                key + "=" + PythonText.percentEncoded(try text(of: halves[1]), inQuery: true)
            )
        }
        return parts.joined(separator: "&")
    }
}
