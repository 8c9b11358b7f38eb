// map, select, reject, selectattr, rejectattr

extension JinjaInterpreter {
    mutating func applySelection(
        _ filter: JinjaFilter,
        to value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        // Jinja looks at the arguments only when there is something to work on.
        guard value.isTrue else { return try iterator([]) }
        let elements = try elements(of: value)
        if filter == .map { return try map(elements, arguments) }
        let usesAttribute = filter == .selectattr || filter == .rejectattr
        return try select(
            elements,
            arguments,
            keeping: filter == .select || filter == .selectattr,
            usesAttribute: usesAttribute
        )
    }

    private mutating func map(
        _ elements: [JinjaValue],
        _ given: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        var arguments = given
        if arguments.positional.isEmpty, let attribute = arguments.takeKeyword("attribute") {
            let standard = arguments.takeKeyword("default")
            try arguments.refuseKeywords(of: "map")
            let path = try JinjaPath(attribute)
            return try checkedIterator(try follow(path, in: elements, default: standard))
        }
        guard case .string(let name)? = arguments.positional.first else {
            throw JinjaFault(.value, "map needs the name of a filter or 'attribute='")
        }
        guard let filter = JinjaFilter(rawValue: name) else {
            throw JinjaFault(.value, "there is no filter '\(name)'")
        }
        arguments.positional.removeFirst()
        var results: [JinjaValue] = []
        for element in elements {
            try charge(1)
            results.append(try apply(filter, to: element, arguments))
        }
        return try checkedIterator(results)
    }

    private mutating func select(
        _ elements: [JinjaValue],
        _ given: JinjaArguments,
        keeping wanted: Bool,
        usesAttribute: Bool
    ) throws(JinjaFault) -> JinjaValue {
        var arguments = given
        var path: JinjaPath?
        if usesAttribute {
            guard !arguments.positional.isEmpty else {
                throw JinjaFault(.value, "the filter needs the name of an attribute")
            }
            path = try JinjaPath(arguments.positional.removeFirst())
        }
        let test = try takeTest(&arguments)
        var kept: [JinjaValue] = []
        for element in elements {
            try charge(1)
            var subject = element
            if let path { subject = try follow(path, from: element) }
            var isMatch = subject.isTrue
            if let test { isMatch = try passes(test, subject, arguments) }
            if isMatch == wanted { kept.append(element) }
        }
        return try iterator(kept)
    }

    /// Nil when no test is named: then truth decides.
    private func takeTest(_ arguments: inout JinjaArguments) throws(JinjaFault) -> JinjaTest? {
        guard let name = arguments.positional.first else { return nil }
        arguments.positional.removeFirst()
        guard case .string(let text) = name, let test = JinjaTest(rawValue: text) else {
            throw JinjaFault(.value, "there is no such test")
        }
        return test
    }
}
