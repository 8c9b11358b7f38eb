// Arithmetic with Python's meaning. Integers that leave 64 bits are an error.

extension JinjaInterpreter {
    @inline(never)
    mutating func compute(
        _ symbol: JinjaBinaryOperator,
        _ a: JinjaValue,
        _ b: JinjaValue
    ) throws(JinjaFault) -> JinjaValue {
        if let x = JinjaNumber(a), let y = JinjaNumber(b) {
            return try PythonArithmetic.compute(symbol, x, y)
        }
        switch (symbol, a, b) {
        case (.add, .string(let x), .string(let y)):
            try reserve(bytes: x.utf8.count + y.utf8.count)
            return .string(x + y)
        case (.add, .list(let x), .list(let y)):
            try reserve(elements: x.count + y.count)
            return .list(JinjaList(x.elements + y.elements))
        case (.add, .tuple(let x), .tuple(let y)):
            try reserve(elements: x.count + y.count)
            return .tuple(JinjaList(x.elements + y.elements))
        case (.multiply, _, _):
            if let times = JinjaNumber(b), case .integer(let count) = times {
                if let result = try repeated(a, count) { return result }
            } else if let times = JinjaNumber(a), case .integer(let count) = times {
                if let result = try repeated(b, count) { return result }
            }
        case (.modulo, .string(let format), _):
            return try string(try percentFormat(format, b))
        default: break
        }
        throw unsupported(symbol.rawValue, a, b)
    }

    private func unsupported(_ symbol: String, _ a: JinjaValue, _ b: JinjaValue) -> JinjaFault {
        let hint =
            symbol == "+" && (a.stringValue != nil || b.stringValue != nil)
            ? ": '~' joins values of any type" : ""
        return JinjaFault(
            .value,
            "'\(symbol)' does not work between \(a.typeName) and \(b.typeName)\(hint)"
        )
    }

    private mutating func repeated(
        _ value: JinjaValue,
        _ count: Int
    ) throws(JinjaFault) -> JinjaValue? {
        let count = max(0, count)
        switch value {
        case .string(let text):
            try reserve(bytes: size(text.utf8.count, times: count))
            return .string(PythonText.repeated(text, count: text.isEmpty ? 0 : count))
        case .list(let list): return .list(JinjaList(try repeated(list, count)))
        case .tuple(let list): return .tuple(JinjaList(try repeated(list, count)))
        default: return nil
        }
    }

    private mutating func repeated(
        _ list: JinjaList,
        _ count: Int
    ) throws(JinjaFault) -> [JinjaValue] {
        let total = size(list.count, times: count)
        try reserve(elements: total)
        return (0..<total).map { list[$0 % list.count] }
    }

    func negated(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        switch JinjaNumber(value) {
        case .integer(let number):
            return try PythonArithmetic.compute(.subtract, .integer(0), .integer(number))
        case .float(let number): return .float(-number)
        case nil: throw JinjaFault(.value, "'-' does not work on \(value.typeName)")
        }
    }

    func unchanged(_ value: JinjaValue) throws(JinjaFault) -> JinjaValue {
        guard let number = JinjaNumber(value) else {
            throw JinjaFault(.value, "'+' does not work on \(value.typeName)")
        }
        return number.value
    }
}

// MARK: - Comparison

extension JinjaInterpreter {
    @inline(never)
    mutating func compare(
        _ a: JinjaValue,
        _ comparison: JinjaComparison,
        _ b: JinjaValue
    ) throws(JinjaFault) -> Bool {
        try charge(min(a.weight, b.weight))
        switch comparison {
        case .equal: return a == b
        case .notEqual: return a != b
        case .less: return try precedes(a, b, "<")
        case .greater: return try precedes(b, a, ">")
        case .lessOrEqual: return try isOrdered(a, b, "<=")
        case .greaterOrEqual: return try isOrdered(b, a, ">=")
        case .contained: return try contains(b, a)
        case .notContained: return !(try contains(b, a))
        }
    }

    private func isOrdered(
        _ a: JinjaValue,
        _ b: JinjaValue,
        _ symbol: String
    ) throws(JinjaFault) -> Bool {
        // NaN is neither before, nor equal to, nor after anything.
        let isBefore = try precedes(a, b, symbol)
        return isBefore || a == b
    }

    /// Python's `a < b`; `symbol` is what the template wrote.
    func precedes(
        _ a: JinjaValue,
        _ b: JinjaValue,
        _ symbol: String = "<"
    ) throws(JinjaFault) -> Bool {
        if let x = JinjaNumber(a), let y = JinjaNumber(b) { return x.isLess(than: y) }
        switch (a.groupAsTuple, b.groupAsTuple) {
        case (.string(let x), .string(let y)): return textPrecedes(x, y)
        case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
            for (left, right) in zip(x, y) where left != right {
                return try precedes(left, right, symbol)
            }
            return x.count < y.count
        default:
            throw JinjaFault(
                .value,
                "'\(symbol)' does not work between \(a.typeName) and \(b.typeName)"
            )
        }
    }

    /// Python's `value in container`.
    mutating func contains(
        _ container: JinjaValue,
        _ value: JinjaValue
    ) throws(JinjaFault) -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = value else {
                throw JinjaFault(
                    .value,
                    "only a string can be 'in' a string, not \(value.typeName)"
                )
            }
            try charge(text.utf8.count / 16)
            return PythonText.contains(text, part)
        case .object(let object): return object[try hashable(value)] != nil
        case .list(let list), .tuple(let list):
            try charge(container.weight)
            return list.elements.contains(value)
        case .undefined: return false
        case .reference(let reference):
            if case .range(let range) = reference.kind {
                guard let number = JinjaNumber(value) else { return false }
                switch number {
                case .integer(let integer): return range.contains(integer)
                case .float(let float): return Int(exactly: float).map(range.contains) ?? false
                }
            }
            if case .view(.keys, let object) = reference.kind {
                return object[try hashable(value)] != nil
            }
            let elements = try elements(of: container)
            try charge(container.weight)
            return elements.contains(value)
        default:
            throw JinjaFault(.value, "nothing can be 'in' \(container.typeName)")
        }
    }
}

extension JinjaValue {
    /// A group of `groupby` is ordered like the tuple it is in Python.
    fileprivate var groupAsTuple: JinjaValue {
        if case .reference(let reference) = self, case .group(let pair) = reference.kind {
            return .tuple(pair)
        }
        return self
    }
}
