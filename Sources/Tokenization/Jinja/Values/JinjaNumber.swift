/// The numeric kinds as Python's arithmetic sees them; a boolean is the integer 0 or 1.
package enum JinjaNumber: Sendable {
    case integer(Int)
    case float(Double)

    package init?(_ value: JinjaValue) {
        switch value {
        case .integer(let value): self = .integer(value)
        case .float(let value): self = .float(value)
        case .bool(let value): self = .integer(value ? 1 : 0)
        default: return nil
        }
    }

    package var asDouble: Double {
        switch self {
        case .integer(let value): Double(value)
        case .float(let value): value
        }
    }

    package var value: JinjaValue {
        switch self {
        case .integer(let value): .integer(value)
        case .float(let value): .float(value)
        }
    }

    package func isEqual(to other: JinjaNumber) -> Bool {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): a == b
        case (.float(let a), .float(let b)): a == b
        case (.integer(let a), .float(let b)), (.float(let b), .integer(let a)):
            Int(exactly: b) == a
        }
    }

    /// Exact also where the integer has more bits than a float can hold.
    package func isLess(than other: JinjaNumber) -> Bool {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): a < b
        case (.float(let a), .float(let b)): a < b
        case (.integer(let a), .float(let b)): Self.precedes(a, b)
        case (.float(let a), .integer(let b)):
            !a.isNaN && !Self.precedes(b, a) && Int(exactly: a) != b
        }
    }

    private static func precedes(_ integer: Int, _ float: Double) -> Bool {
        if float.isNaN { return false }
        if float >= 0x1p63 { return true }
        if float < -0x1p63 { return false }
        let floor = float.rounded(.down)
        return integer < Int(floor) || (integer == Int(floor) && floor < float)
    }
}
