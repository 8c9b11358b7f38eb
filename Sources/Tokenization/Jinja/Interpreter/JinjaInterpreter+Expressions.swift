// Every kind of expression has a function of its own, never inlined: the walk recurses through
// `evaluate`, and one function for all kinds would need the stack of all of them at every level.

extension JinjaInterpreter {
    mutating func evaluate(_ expression: JinjaExpression) throws(JinjaFault) -> JinjaValue {
        try charge(1)
        switch expression.node {
        case .literal(let value): return value
        case .variable(let symbol): return lookup(symbol)
        case .captured: return captured
        default:
            try enter()
            defer { leave() }
            return try evaluateCompound(expression)
        }
    }

    @inline(never)
    private mutating func evaluateCompound(
        _ expression: JinjaExpression
    ) throws(JinjaFault) -> JinjaValue {
        let offset = expression.offset
        switch expression.node {
        case .attribute(let base, let attribute):
            return try evaluateMember(base, attribute, at: offset)
        case .item(let base, let index): return try evaluateElement(base, index, at: offset)
        case .slice(let base, let start, let stop, let step):
            return try evaluateSlice(base, start, stop, step, at: offset)
        case .call(let callee, let written): return try evaluateCall(callee, written, at: offset)
        case .filter(let base, let filter, let written):
            return try evaluateFilter(base, filter, written, at: offset)
        case .test(let base, let test, let written):
            return try evaluateTest(base, test, written, at: offset)
        case .binary(let symbol, let left, let right):
            return try evaluateBinary(symbol, left, right, at: offset)
        case .not(let operand): return try evaluateNot(operand)
        case .and(let left, let right): return try evaluateAnd(left, right)
        case .or(let left, let right): return try evaluateOr(left, right)
        case .conditional(let test, let then, let otherwise):
            return try evaluateConditional(test, then, otherwise)
        case .comparison(let first, let rest): return try evaluateComparison(first, rest)
        case .concatenation(let parts): return try evaluateConcatenation(parts)
        case .negative(let operand): return try evaluateSign(operand, isNegative: true, at: offset)
        case .positive(let operand): return try evaluateSign(operand, isNegative: false, at: offset)
        case .list(let elements): return try evaluateList(elements)
        case .tuple(let elements): return try evaluateTuple(elements)
        case .object(let entries): return try evaluateObject(entries, at: offset)
        case .unknown(let message): throw JinjaFault(.value, message)
        case .literal, .variable, .captured:
            preconditionFailure("simple expressions are not evaluated here")
        }
    }

    @inline(never)
    private mutating func evaluateMember(
        _ base: JinjaExpression,
        _ attribute: JinjaAttribute,
        at offset: Int32
    ) throws(JinjaFault) -> JinjaValue {
        let value = try evaluate(base)
        position = offset
        if value.isUndefined { throw undefined(base) }
        return try member(attribute, of: value)
    }

    @inline(never)
    private mutating func evaluateElement(
        _ base: JinjaExpression,
        _ index: JinjaExpression,
        at offset: Int32
    ) throws(JinjaFault) -> JinjaValue {
        let value = try evaluate(base)
        let key = try evaluate(index)
        position = offset
        if value.isUndefined { throw undefined(base) }
        return try element(key, of: value)
    }

    @inline(never)
    private mutating func evaluateFilter(
        _ base: JinjaExpression,
        _ filter: JinjaFilter,
        _ written: JinjaCallArguments,
        at offset: Int32
    ) throws(JinjaFault) -> JinjaValue {
        let value = try evaluate(base)
        let arguments = try evaluate(written)
        position = offset
        return try checked(try apply(filter, to: value, arguments))
    }

    @inline(never)
    private mutating func evaluateTest(
        _ base: JinjaExpression,
        _ test: JinjaTest,
        _ written: JinjaCallArguments,
        at offset: Int32
    ) throws(JinjaFault) -> JinjaValue {
        let value = try evaluate(base)
        let arguments = try evaluate(written)
        position = offset
        return .bool(try passes(test, value, arguments))
    }

    @inline(never)
    private mutating func evaluateBinary(
        _ symbol: JinjaBinaryOperator,
        _ left: JinjaExpression,
        _ right: JinjaExpression,
        at offset: Int32
    ) throws(JinjaFault) -> JinjaValue {
        let a = try evaluate(left)
        let b = try evaluate(right)
        position = offset
        if a.isUndefined { throw undefined(left) }
        // '%s' % missing prints nothing, as formatting does.
        let isFormat = symbol == .modulo && a.stringValue != nil
        if b.isUndefined && !isFormat { throw undefined(right) }
        return try checked(try compute(symbol, a, b))
    }

    @inline(never)
    private mutating func evaluateSign(
        _ operand: JinjaExpression,
        isNegative: Bool,
        at offset: Int32
    ) throws(JinjaFault) -> JinjaValue {
        let value = try evaluate(operand)
        position = offset
        if value.isUndefined { throw undefined(operand) }
        return isNegative ? try negated(value) : try unchanged(value)
    }
}

// MARK: - Logic

extension JinjaInterpreter {
    @inline(never)
    private mutating func evaluateNot(
        _ operand: JinjaExpression
    ) throws(JinjaFault) -> JinjaValue {
        .bool(!(try evaluate(operand).isTrue))
    }

    @inline(never)
    private mutating func evaluateAnd(
        _ left: JinjaExpression,
        _ right: JinjaExpression
    ) throws(JinjaFault) -> JinjaValue {
        let value = try evaluate(left)
        return value.isTrue ? try evaluate(right) : value
    }

    @inline(never)
    private mutating func evaluateOr(
        _ left: JinjaExpression,
        _ right: JinjaExpression
    ) throws(JinjaFault) -> JinjaValue {
        let value = try evaluate(left)
        return value.isTrue ? value : try evaluate(right)
    }

    @inline(never)
    private mutating func evaluateConditional(
        _ test: JinjaExpression,
        _ then: JinjaExpression,
        _ otherwise: JinjaExpression?
    ) throws(JinjaFault) -> JinjaValue {
        if try evaluate(test).isTrue { return try evaluate(then) }
        guard let otherwise else { return .undefined }
        return try evaluate(otherwise)
    }

    /// `a < b < c` is `a < b and b < c` with `b` evaluated once.
    @inline(never)
    private mutating func evaluateComparison(
        _ first: JinjaExpression,
        _ rest: [(JinjaComparison, JinjaExpression)]
    ) throws(JinjaFault) -> JinjaValue {
        var left = try evaluate(first)
        var leftExpression = first
        for (comparison, rightExpression) in rest {
            let right = try evaluate(rightExpression)
            position = rightExpression.offset
            if comparison.needsOrder {
                if left.isUndefined { throw undefined(leftExpression) }
                if right.isUndefined { throw undefined(rightExpression) }
            }
            guard try compare(left, comparison, right) else { return .bool(false) }
            left = right
            leftExpression = rightExpression
        }
        return .bool(true)
    }
}

extension JinjaComparison {
    fileprivate var needsOrder: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }
}

// MARK: - Making values

extension JinjaInterpreter {
    @inline(never)
    private mutating func evaluate(
        all expressions: [JinjaExpression]
    ) throws(JinjaFault) -> [JinjaValue] {
        var values: [JinjaValue] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    @inline(never)
    private mutating func evaluateList(
        _ elements: [JinjaExpression]
    ) throws(JinjaFault) -> JinjaValue {
        try checked(try list(try evaluate(all: elements)))
    }

    @inline(never)
    private mutating func evaluateTuple(
        _ elements: [JinjaExpression]
    ) throws(JinjaFault) -> JinjaValue {
        try checked(.tuple(JinjaList(try evaluate(all: elements))))
    }

    @inline(never)
    private mutating func evaluateObject(
        _ entries: [(key: JinjaExpression, value: JinjaExpression)],
        at offset: Int32
    ) throws(JinjaFault) -> JinjaValue {
        var object = JinjaObject()
        for (keyExpression, valueExpression) in entries {
            let key = try evaluate(keyExpression)
            let value = try evaluate(valueExpression)
            position = offset
            object.set(try hashable(key), to: value)
        }
        return try checked(.object(object))
    }

    func hashable(_ key: JinjaValue) throws(JinjaFault) -> JinjaValue {
        guard key.isHashable else {
            throw JinjaFault(
                .value,
                "a \(key.typeName) cannot be a key: use a string or a number"
            )
        }
        return key
    }

    @inline(never)
    private mutating func evaluateConcatenation(
        _ parts: [JinjaExpression]
    ) throws(JinjaFault) -> JinjaValue {
        var result = ""
        for part in parts {
            let text = try text(of: try evaluate(part))
            let added = text.utf8.count
            try reserve(bytes: result.utf8.count + added, added: added)
            result += text
        }
        return .string(result)
    }
}

// MARK: - Undefined

extension JinjaInterpreter {
    func undefined(_ expression: JinjaExpression) -> JinjaFault {
        JinjaFault(.undefined, "'\(describe(expression))' is undefined")
    }

    /// The source of a name or member, for messages.
    func describe(_ expression: JinjaExpression) -> String {
        switch expression.node {
        case .variable(let symbol): program.symbols.names[symbol]
        case .attribute(let base, let attribute): describe(base) + "." + attribute.name
        case .item(let base, let index): describe(base) + "[" + describe(index) + "]"
        case .literal(.string(let text)): PythonText.representation(of: text)
        case .literal(.integer(let value)): String(value)
        case .call(let callee, _): describe(callee) + "(…)"
        case .filter(_, let filter, _): "…|" + filter.rawValue
        default: "…"
        }
    }
}
