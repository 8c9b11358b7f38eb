extension JinjaInterpreter {
    mutating func applySequenceFilter(
        _ filter: JinjaFilter,
        to value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> JinjaValue {
        let name = filter.rawValue
        switch filter {
        case .join:
            let bound = try arguments.bind(to: name, ["d", "attribute"])
            var elements = try elements(of: value)
            if !bound.isMissing(1) {
                let path = try JinjaPath(bound[1])
                elements = try follow(path, in: elements)
            }
            return try joined(elements, by: try text(of: bound[0]), strict: false)
        case .batch:
            let bound = try arguments.bind(to: name, ["linecount", "fill_with"], required: 1)
            return try batch(
                try elements(of: value),
                by: try bound.integer(0),
                fill: bound.isMissing(1) ? nil : bound[1]
            )
        case .slice:
            let bound = try arguments.bind(to: name, ["slices", "fill_with"], required: 1)
            return try slices(
                try elements(of: value),
                count: try bound.integer(0),
                fill: bound.isMissing(1) ? nil : bound[1]
            )
        default:
            _ = try arguments.bind(to: name, [])
            return try applyPlainSequenceFilter(filter, to: value)
        }
    }

    private mutating func applyPlainSequenceFilter(
        _ filter: JinjaFilter,
        to value: JinjaValue
    ) throws(JinjaFault) -> JinjaValue {
        switch filter {
        case .length, .count:
            guard let length = length(of: value) else {
                throw JinjaFault(
                    .value,
                    "a \(value.typeName) has no length: turn it into a list first"
                )
            }
            try charge(value.stringValue.map { $0.utf8.count / 32 } ?? 0)
            return .integer(length)
        case .first: return try first(of: value)
        case .last: return try last(of: value)
        case .list:
            let elements = try elements(of: value)
            return try list(elements)
        case .items:
            if value.isUndefined { return try iterator([]) }
            guard case .object(let object) = value else {
                throw JinjaFault(.value, "items works on objects, not on \(value.typeName)")
            }
            return try iterator(object.elements(.items))
        default: return try reversed(value)
        }
    }

    private mutating func first(of value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        switch value {
        case .list(let list), .tuple(let list): return list.first ?? .undefined
        case .string(let text):
            return text.unicodeScalars.first.map { .string(String($0)) } ?? .undefined
        case .reference(let reference):
            if case .iterator(let index) = reference.kind {
                return iterators[index].elements.popFirst() ?? .undefined
            }
            if case .range(let range) = reference.kind {
                return range.count > 0 ? .integer(range.start) : .undefined
            }
        default: break
        }
        return try elements(of: value).first ?? .undefined
    }

    /// The last element of what Python can walk backwards.
    private mutating func last(of value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        if case .string(let text) = value {
            return text.unicodeScalars.last.map { .string(String($0)) } ?? .undefined
        }
        try refuseForwardOnly(value)
        return try elements(of: value).last ?? .undefined
    }

    private func refuseForwardOnly(_ value: JinjaValue) throws(JinjaFault) {
        let isForwardOnly: Bool =
            switch value {
            case .undefined: true
            case .reference(let reference):
                if case .iterator = reference.kind { true } else { false }
            default: false
            }
        if isForwardOnly {
            throw JinjaFault(
                .value,
                "a \(value.typeName) cannot be walked backwards: make it a list first"
            )
        }
    }

    private mutating func reversed(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        if case .string(let text) = value {
            return .string(PythonText.string(text.unicodeScalars.reversed()))
        }
        let elements = try elements(of: value)
        // What Python cannot walk backwards becomes a list, the rest an iterator.
        if case .undefined = value { return try list([]) }
        if case .reference(let reference) = value, case .iterator = reference.kind {
            return try list(elements.reversed())
        }
        return try iterator(elements.reversed())
    }

    private mutating func batch(
        _ elements: [JinjaValue],
        by count: Int,
        fill: JinjaValue?
    ) throws(JinjaFault) -> JinjaValue {
        var batches: [JinjaValue] = []
        var current: [JinjaValue] = []
        for element in elements {
            if current.count == count {
                batches.append(try list(current))
                current = []
            }
            current.append(element)
        }
        if !current.isEmpty {
            if let fill, current.count < count {
                try reserve(elements: count)
                current += Array(repeating: fill, count: count - current.count)
            }
            batches.append(try list(current))
        }
        return try checkedIterator(batches)
    }

    private mutating func slices(
        _ elements: [JinjaValue],
        count: Int,
        fill: JinjaValue?
    ) throws(JinjaFault) -> JinjaValue {
        guard count != 0 else { throw JinjaFault(.value, "slice needs a count that is not 0") }
        guard count > 0 else { return try iterator([]) }
        try reserve(elements: count)
        let size = elements.count / count
        let larger = elements.count % count
        var slices: [JinjaValue] = []
        var start = 0
        for index in 0..<count {
            let end = start + size + (index < larger ? 1 : 0)
            var slice = Array(elements[start..<end])
            if let fill, index >= larger { slice.append(fill) }
            slices.append(try list(slice))
            start = end
        }
        return try checkedIterator(slices)
    }

    mutating func checkedIterator(_ elements: [JinjaValue]) throws(JinjaFault) -> JinjaValue {
        for element in elements { _ = try checked(element) }
        return try iterator(elements)
    }
}
