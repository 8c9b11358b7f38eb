/// The evaluated arguments of a call.
struct JinjaArguments {
    var positional: [JinjaValue] = []
    var keywords: [(name: String, value: JinjaValue)] = []

    static let none = JinjaArguments()

    var isEmpty: Bool { positional.isEmpty && keywords.isEmpty }

    func refuseKeywords(of callee: String) throws(JinjaFault) {
        if let first = keywords.first {
            throw JinjaFault(.value, "\(callee) takes no argument called '\(first.name)'")
        }
    }

    mutating func takeKeyword(_ name: String) -> JinjaValue? {
        guard let index = keywords.firstIndex(where: { $0.name == name }) else { return nil }
        return keywords.remove(at: index).value
    }

    /// Matches the arguments with a Python signature.
    func bind(
        to callee: String,
        _ parameters: [String],
        required: Int = 0
    ) throws(JinjaFault) -> JinjaBoundArguments {
        guard positional.count <= parameters.count else {
            throw JinjaFault(
                .value,
                "\(callee) takes at most \(parameters.count) arguments, "
                    + "not \(positional.count)"
            )
        }
        var values = positional.map { Optional($0) }
        values += Array(repeating: nil, count: parameters.count - positional.count)
        for (name, value) in keywords {
            guard let index = parameters.firstIndex(of: name) else {
                throw JinjaFault(.value, "\(callee) takes no argument called '\(name)'")
            }
            guard values[index] == nil else {
                throw JinjaFault(.value, "\(callee) is given '\(name)' twice")
            }
            values[index] = value
        }
        for index in 0..<required where values[index] == nil {
            throw JinjaFault(.value, "\(callee) needs the argument '\(parameters[index])'")
        }
        return JinjaBoundArguments(callee: callee, parameters: parameters, values: values)
    }
}

/// Arguments by the position of their parameter.
struct JinjaBoundArguments {
    let callee: String
    let parameters: [String]
    let values: [JinjaValue?]

    /// The argument, or `undefined` where it was left out.
    subscript(index: Int) -> JinjaValue { values[index] ?? .undefined }

    func isGiven(_ index: Int) -> Bool { values[index] != nil }

    /// Left out, or `none`, which many Python signatures treat alike.
    func isMissing(_ index: Int) -> Bool { values[index]?.isNone ?? true }

    func string(_ index: Int) throws(JinjaFault) -> String {
        guard case .string(let text) = self[index] else { throw wrongType(index, "a string") }
        return text
    }

    func string(_ index: Int, default text: String) throws(JinjaFault) -> String {
        isGiven(index) ? try string(index) : text
    }

    func integer(_ index: Int) throws(JinjaFault) -> Int {
        switch self[index] {
        case .integer(let value): return value
        case .bool(let value): return value ? 1 : 0
        default: throw wrongType(index, "an integer")
        }
    }

    func integer(_ index: Int, default value: Int) throws(JinjaFault) -> Int {
        isGiven(index) ? try integer(index) : value
    }

    func bool(_ index: Int, default value: Bool = false) -> Bool {
        values[index]?.isTrue ?? value
    }

    private func wrongType(_ index: Int, _ wanted: String) -> JinjaFault {
        JinjaFault(
            .value,
            "'\(parameters[index])' of \(callee) must be \(wanted), not \(self[index].typeName)"
        )
    }
}

// MARK: - Evaluation

extension JinjaInterpreter {
    mutating func evaluate(
        _ arguments: JinjaCallArguments
    ) throws(JinjaFault) -> JinjaArguments {
        if arguments.isEmpty { return .none }
        var result = JinjaArguments()
        for expression in arguments.positional {
            result.positional.append(try evaluate(expression))
        }
        for (name, expression) in arguments.keywords {
            result.keywords.append((name, try evaluate(expression)))
        }
        if let spread = arguments.spread {
            let elements = try elements(of: try evaluate(spread))
            try reserve(elements: elements.count)
            result.positional += elements
        }
        if let spread = arguments.keywordSpread {
            guard case .object(let object) = try evaluate(spread) else {
                throw JinjaFault(.value, "'**' needs an object")
            }
            try reserve(elements: object.count)
            for entry in object.entries {
                guard case .string(let name) = entry.key,
                    !result.keywords.contains(where: { $0.name == name })
                else {
                    throw JinjaFault(
                        .value,
                        "'**' needs an object whose keys are new argument names"
                    )
                }
                result.keywords.append((name, entry.value))
            }
        }
        return result
    }
}
