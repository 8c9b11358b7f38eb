// The methods of `str` that look for something, and what filters share with them.

extension JinjaInterpreter {
    mutating func testEnds(
        of text: String,
        _ method: JinjaMethod,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = "str.\(method.rawValue)"
        let bound = try arguments.bind(to: name, ["part", "start", "end"], required: 1)
        var window = text
        if bound.isGiven(1) {
            let start = bound.isMissing(1) ? nil : try bound.integer(1)
            let end = bound.isMissing(2) ? nil : try bound.integer(2)
            if let start, start > PythonText.length(text) { return .bool(false) }
            window = PythonText.slice(text, PythonSlice(start: start, stop: end, step: 1))
        }
        let candidates: [JinjaValue]
        switch bound[0] {
        case .string: candidates = [bound[0]]
        case .tuple(let list): candidates = list.elements
        default:
            throw JinjaFault(.value, "\(name) needs a string or a tuple of strings")
        }
        try charge(candidates.count)
        for candidate in candidates {
            guard case .string(let part) = candidate else {
                throw JinjaFault(.value, "\(name) needs a string or a tuple of strings")
            }
            let matches =
                method == .startswith
                ? PythonText.hasPrefix(window, part) : PythonText.hasSuffix(window, part)
            if matches { return .bool(true) }
        }
        return .bool(false)
    }

    mutating func search(
        _ text: String,
        _ method: JinjaMethod,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = "str.\(method.rawValue)"
        let bound = try arguments.bind(to: name, ["part", "start", "end"], required: 1)
        let part = try bound.string(0)
        let start = bound.isMissing(1) ? nil : try bound.integer(1)
        let end = bound.isMissing(2) ? nil : try bound.integer(2)
        try charge((text.utf8.count + part.utf8.count) / 16)
        if method == .count {
            if let start, start > PythonText.length(text) { return .integer(0) }
            let isWhole = start == nil && end == nil
            let slice = PythonSlice(start: start, stop: end, step: 1)
            let window = isWhole ? text : PythonText.slice(text, slice)
            return .integer(PythonText.count(part, in: window))
        }
        let isLast = method == .rfind || method == .rindex
        if let found = PythonText.find(part, in: text, from: start, to: end, last: isLast) {
            return .integer(found)
        }
        guard method == .find || method == .rfind else {
            throw JinjaFault(.value, "\(name) did not find the text: test with 'in' first")
        }
        return .integer(-1)
    }

    mutating func replaced(
        _ text: String,
        _ old: String,
        _ new: String,
        limit: Int
    ) throws(JinjaFault) -> JinjaValue {
        if new.utf8.count > old.utf8.count {
            let count = PythonText.count(old, in: text)
            let grown = size(
                limit < 0 ? count : min(count, limit),
                times: new.utf8.count,
                plus: text.utf8.count
            )
            try reserve(bytes: grown)
        }
        return try string(PythonText.replacing(old, with: new, in: text, limit: limit))
    }

    /// `separator.join(elements)`; the method takes strings only, the filter prints the rest.
    mutating func joined(
        _ elements: [JinjaValue],
        by separator: String,
        strict: Bool
    ) throws(JinjaFault) -> JinjaValue {
        var result = ""
        for (index, element) in elements.enumerated() {
            if strict, element.stringValue == nil {
                throw JinjaFault(
                    .value,
                    "join() needs strings, not \(element.typeName): use the join filter"
                )
            }
            let part = try text(of: element)
            let added = part.utf8.count + separator.utf8.count
            try reserve(bytes: result.utf8.count + added, added: added)
            if index > 0 { result += separator }
            result += part
        }
        return .string(result)
    }

    mutating func padText(
        _ text: String,
        _ method: JinjaMethod,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = "str.\(method.rawValue)"
        switch method {
        case .zfill:
            let width = try arguments.bind(to: name, ["width"], required: 1).integer(0)
            try reserve(bytes: width)
            return .string(PythonText.zeroFilled(text, to: width))
        case .expandtabs:
            let tab = try arguments.bind(to: name, ["tabsize"]).integer(0, default: 8)
            let tabs = PythonText.count("\t", in: text)
            try reserve(bytes: size(tabs, times: tab, plus: text.utf8.count))
            return .string(PythonText.expandedTabs(text, to: tab))
        default:
            let bound = try arguments.bind(to: name, ["width", "fillchar"], required: 1)
            let fill = try bound.string(1, default: " ").unicodeScalars
            guard let scalar = fill.first, fill.count == 1 else {
                throw JinjaFault(.value, "\(name) fills with one character, not \(fill.count)")
            }
            let width = try bound.integer(0)
            try reserve(bytes: size(width, times: 4))
            let alignment: PythonText.Alignment =
                method == .center ? .center : method == .ljust ? .left : .right
            return .string(PythonText.padded(text, to: width, alignment, fill: scalar))
        }
    }
}
