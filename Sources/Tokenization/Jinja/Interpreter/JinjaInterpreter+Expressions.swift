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

    private mutating func evaluateCompound(
        _ expression: JinjaExpression
    ) throws(JinjaFault) -> JinjaValue {
        switch expression.node {
        case .attribute(let base, let attribute):
            let value = try evaluate(base)
            position = expression.offset
            try refuseUndefined(value, from: base)
            return try member(attribute, of: value)
        case .item(let base, let index):
            let value = try evaluate(base)
            let key = try evaluate(index)
            position = expression.offset
            try refuseUndefined(value, from: base)
            return try element(key, of: value)
        case .slice(let base, let start, let stop, let step):
            return try evaluateSlice(base, start, stop, step, at: expression.offset)
        case .call(let callee, let written):
            return try evaluateCall(callee, written, at: expression.offset)
        case .filter(let base, let filter, let written):
            let value = try evaluate(base)
            let arguments = try evaluate(written)
            position = expression.offset
            return try checked(try apply(filter, to: value, arguments))
        case .test(let base, let test, let written):
            let value = try evaluate(base)
            let arguments = try evaluate(written)
            position = expression.offset
            return .bool(try passes(test, value, arguments))
        case .binary(let symbol, let left, let right):
            let a = try evaluate(left)
            let b = try evaluate(right)
            position = expression.offset
            try refuseUndefined(a, from: left)
            try refuseUndefined(b, from: right)
            return try checked(try compute(symbol, a, b))
        default: return try evaluateRest(expression)
        }
    }

    private mutating func evaluateRest(
        _ expression: JinjaExpression
    ) throws(JinjaFault) -> JinjaValue {
        switch expression.node {
        case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .conditional(let test, let then, let otherwise):
            if try evaluate(test).isTrue { return try evaluate(then) }
            guard let otherwise else { return .undefined }
            return try evaluate(otherwise)
        case .comparison(let first, let rest): return try evaluateComparison(first, rest)
        case .concatenation(let parts): return try evaluateConcatenation(parts)
        case .negative(let operand), .positive(let operand):
            let value = try evaluate(operand)
            position = expression.offset
            try refuseUndefined(value, from: operand)
            if case .negative = expression.node { return try negated(value) }
            return try unchanged(value)
        case .list(let elements): return try checked(try list(try evaluate(all: elements)))
        case .tuple(let elements):
            return try checked(.tuple(JinjaList(try evaluate(all: elements))))
        case .object(let entries): return try evaluateObject(entries, at: expression.offset)
        case .unknown(let message):
            position = expression.offset
            throw JinjaFault(.value, message)
        default: preconditionFailure("an expression kind without an evaluation")
        }
    }

    private mutating func evaluate(
        all expressions: [JinjaExpression]
    ) throws(JinjaFault) -> [JinjaValue] {
        var values: [JinjaValue] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private mutating func evaluateObject(
        _ entries: [(key: JinjaExpression, value: JinjaExpression)], at offset: Int32
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
                .value, "a \(key.typeName) cannot be a key: use a string or a number")
        }
        return key
    }

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

    /// `a < b < c` is `a < b and b < c` with `b` evaluated once.
    private mutating func evaluateComparison(
        _ first: JinjaExpression, _ rest: [(JinjaComparison, JinjaExpression)]
    ) throws(JinjaFault) -> JinjaValue {
        var left = try evaluate(first)
        var leftExpression = first
        for (comparison, rightExpression) in rest {
            let right = try evaluate(rightExpression)
            position = rightExpression.offset
            if comparison.needsOrder {
                try refuseUndefined(left, from: leftExpression)
                try refuseUndefined(right, from: rightExpression)
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

// MARK: - Undefined

extension JinjaInterpreter {
    func refuseUndefined(
        _ value: JinjaValue, from expression: JinjaExpression
    ) throws(JinjaFault) {
        guard case .undefined = value else { return }
        throw JinjaFault(.undefined, "'\(describe(expression))' is undefined")
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
