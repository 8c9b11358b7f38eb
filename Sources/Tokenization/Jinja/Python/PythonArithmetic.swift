import Foundation

/// Python's arithmetic on `int` and `float`.
enum PythonArithmetic {
    static func compute(
        _ symbol: JinjaBinaryOperator,
        _ a: JinjaNumber,
        _ b: JinjaNumber
    ) throws(JinjaFault) -> JinjaValue {
        if case .integer(let x) = a, case .integer(let y) = b {
            return try compute(symbol, x, y)
        }
        return .float(try compute(symbol, a.asDouble, b.asDouble))
    }

    private static func compute(
        _ symbol: JinjaBinaryOperator,
        _ a: Int,
        _ b: Int
    ) throws(JinjaFault) -> JinjaValue {
        switch symbol {
        case .add: return .integer(try fitting(a.addingReportingOverflow(b)))
        case .subtract: return .integer(try fitting(a.subtractingReportingOverflow(b)))
        case .multiply: return .integer(try fitting(a.multipliedReportingOverflow(by: b)))
        case .divide:
            try refuseZero(b == 0)
            return .float(Double(a) / Double(b))
        case .floorDivide:
            try refuseZero(b == 0)
            let quotient = try fitting(a.dividedReportingOverflow(by: b))
            let remainder = a.remainderReportingOverflow(dividingBy: b).partialValue
            return .integer(remainder != 0 && (remainder < 0) != (b < 0) ? quotient - 1 : quotient)
        case .modulo:
            try refuseZero(b == 0)
            let remainder = a.remainderReportingOverflow(dividingBy: b).partialValue
            return .integer(
                remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
            )
        case .power:
            return b < 0 ? .float(try power(Double(a), Double(b))) : .integer(try power(a, b))
        }
    }

    private static func compute(
        _ symbol: JinjaBinaryOperator,
        _ a: Double,
        _ b: Double
    ) throws(JinjaFault) -> Double {
        switch symbol {
        case .add: return a + b
        case .subtract: return a - b
        case .multiply: return a * b
        case .divide:
            try refuseZero(b == 0)
            return a / b
        case .floorDivide:
            try refuseZero(b == 0)
            return floorDivide(a, b)
        case .modulo:
            try refuseZero(b == 0)
            return modulo(a, b)
        case .power: return try power(a, b)
        }
    }

    /// The remainder has the sign of the divisor.
    private static func modulo(_ a: Double, _ b: Double) -> Double {
        let remainder = a.truncatingRemainder(dividingBy: b)
        if remainder == 0 { return b.sign == .minus ? -0.0 : 0.0 }
        return (remainder < 0) != (b < 0) ? remainder + b : remainder
    }

    private static func floorDivide(_ a: Double, _ b: Double) -> Double {
        let quotient = (a - modulo(a, b)) / b
        if quotient == 0 { return (a / b).sign == .minus ? -0.0 : 0.0 }
        let floor = quotient.rounded(.down)
        return quotient - floor > 0.5 ? floor + 1 : floor
    }

    private static func power(_ base: Int, _ exponent: Int) throws(JinjaFault) -> Int {
        var result = 1
        var factor = base
        var left = exponent
        while left > 0 {
            if left & 1 == 1 {
                result = try fitting(result.multipliedReportingOverflow(by: factor))
            }
            left >>= 1
            if left > 0 { factor = try fitting(factor.multipliedReportingOverflow(by: factor)) }
        }
        return result
    }

    private static func power(_ base: Double, _ exponent: Double) throws(JinjaFault) -> Double {
        if base == 0, exponent < 0 {
            throw JinjaFault(.value, "0 cannot be raised to a negative power")
        }
        if base < 0, base.isFinite, exponent.isFinite, exponent != exponent.rounded() {
            throw JinjaFault(.value, "a fractional power of a negative number is not offered")
        }
        let result = pow(base, exponent)
        guard result.isFinite || !base.isFinite || !exponent.isFinite else {
            throw JinjaFault(.value, "the result of '**' is too large")
        }
        return result
    }

    private static func refuseZero(_ isZero: Bool) throws(JinjaFault) {
        if isZero { throw JinjaFault(.value, "division by zero") }
    }

    private static func fitting(
        _ result: (partialValue: Int, overflow: Bool)
    ) throws(JinjaFault) -> Int {
        if result.overflow {
            throw JinjaFault(.value, "an integer does not fit 64 bits: compute with floats")
        }
        return result.partialValue
    }
}
