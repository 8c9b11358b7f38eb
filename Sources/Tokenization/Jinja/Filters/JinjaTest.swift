/// The tests (`x is …`) by their names in Jinja.
package enum JinjaTest: String, Sendable, CaseIterable {
    case odd, even, divisibleby, defined, undefined, filter, test, none, boolean, integer, float
    case `false`, `true`, lower, upper, string, mapping, number, sequence, iterable, callable
    case sameas, escaped
    case `in`
    case equal = "==", eq, equalto
    case notEqual = "!=", ne
    case greater = ">", gt, greaterthan
    case greaterOrEqual = ">=", ge
    case less = "<", lt, lessthan
    case lessOrEqual = "<=", le
}

extension JinjaInterpreter {
    @inline(never)
    mutating func passes(
        _ test: JinjaTest,
        _ value: JinjaValue,
        _ arguments: JinjaArguments
    ) throws(JinjaFault) -> Bool {
        let name = test.rawValue
        if let comparison = test.comparison {
            let bound = try arguments.bind(to: name, ["other"], required: 1)
            return try compare(value, comparison, bound[0])
        }
        switch test {
        case .sameas:
            let other = try arguments.bind(to: name, ["other"], required: 1)[0]
            return isSame(value, other)
        case .divisibleby:
            let divisor = try arguments.bind(to: name, ["num"], required: 1)[0]
            return try remainder(of: value, divisor) == 0
        default:
            _ = try arguments.bind(to: name, [])
            return try passesPlain(test, value)
        }
    }

    /// The tests without arguments.
    private mutating func passesPlain(
        _ test: JinjaTest,
        _ value: JinjaValue
    ) throws(JinjaFault) -> Bool {
        switch test {
        case .odd: return try remainder(of: value, 2) == 1
        case .even: return try remainder(of: value, 2) == 0
        case .defined: return !value.isUndefined
        case .undefined: return value.isUndefined
        case .none: return value.isNone
        case .boolean: return value.boolValue != nil
        case .true: return value.boolValue == true
        case .false: return value.boolValue == false
        case .integer: return value.integerValue != nil || isBigInteger(value)
        case .float: if case .float = value { return true } else { return false }
        case .number: return JinjaNumber(value) != nil || isBigInteger(value)
        case .string: return value.stringValue != nil
        case .lower: return PythonText.isAll(try text(of: value), upper: false)
        case .upper: return PythonText.isAll(try text(of: value), upper: true)
        case .mapping: return value.objectValue != nil
        case .sequence: return isSequence(value)
        case .iterable: return isIterable(value)
        case .callable: return isCallable(value)
        case .filter: return value.stringValue.map { JinjaFilter(rawValue: $0) != nil } ?? false
        case .test: return value.stringValue.map { JinjaTest(rawValue: $0) != nil } ?? false
        default: return false
        }
    }

    private func remainder(
        of value: JinjaValue,
        _ divisor: JinjaValue
    ) throws(JinjaFault) -> JinjaValue {
        guard let number = JinjaNumber(value), let divisor = JinjaNumber(divisor) else {
            throw JinjaFault(.value, "'\(value.typeName)' is no number that could be divided")
        }
        return try PythonArithmetic.compute(.modulo, number, divisor)
    }

    private func isBigInteger(_ value: JinjaValue) -> Bool {
        if case .reference(let reference) = value, case .bigInteger = reference.kind { return true }
        return false
    }

    private func isSequence(_ value: JinjaValue) -> Bool {
        switch value {
        case .list, .tuple, .string, .object, .undefined: return true
        case .reference(let reference):
            switch reference.kind {
            case .range, .group: return true
            default: return false
            }
        default: return false
        }
    }

    private func isCallable(_ value: JinjaValue) -> Bool {
        // Undefined has a `__call__` too, which fails.
        if value.isUndefined { return true }
        guard case .reference(let reference) = value else { return false }
        switch reference.kind {
        case .function, .method, .macro, .joiner, .loop: return true
        default: return false
        }
    }

    /// Python's `is`: the same singleton or the same object. Equal values of the other types may or
    /// may not be one object in Python; here they are.
    private func isSame(_ a: JinjaValue, _ b: JinjaValue) -> Bool {
        a.typeName == b.typeName && a == b
    }
}

extension JinjaTest {
    fileprivate var comparison: JinjaComparison? {
        switch self {
        case .equal, .eq, .equalto: .equal
        case .notEqual, .ne: .notEqual
        case .greater, .gt, .greaterthan: .greater
        case .greaterOrEqual, .ge: .greaterOrEqual
        case .less, .lt, .lessthan: .less
        case .lessOrEqual, .le: .lessOrEqual
        case .in: .contained
        default: nil
        }
    }
}
