/// A piece of template source, with its place in it.
package struct JinjaToken: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Text to print as it is, whitespace control applied.
        case text(String)
        case outputBegin
        case outputEnd
        case tagBegin
        case tagEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(JinjaSymbol)
        case end
    }

    package let kind: Kind
    /// Index of the first Unicode scalar in the normalised source.
    package let offset: Int
}

package enum JinjaSymbol: String, Sendable, CaseIterable {
    case floorDivide = "//"
    case power = "**"
    case equal = "=="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case plus = "+"
    case minus = "-"
    case divide = "/"
    case multiply = "*"
    case modulo = "%"
    case tilde = "~"
    case leftBracket = "["
    case rightBracket = "]"
    case leftParenthesis = "("
    case rightParenthesis = ")"
    case leftBrace = "{"
    case rightBrace = "}"
    case greater = ">"
    case less = "<"
    case assign = "="
    case dot = "."
    case colon = ":"
    case pipe = "|"
    case comma = ","
    case semicolon = ";"

    /// What closes this bracket.
    package var closing: JinjaSymbol? {
        switch self {
        case .leftBracket: .rightBracket
        case .leftParenthesis: .rightParenthesis
        case .leftBrace: .rightBrace
        default: nil
        }
    }

    package var isClosing: Bool {
        self == .rightBracket || self == .rightParenthesis || self == .rightBrace
    }
}

extension JinjaToken.Kind: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text: "template text"
        case .outputBegin: "'{{'"
        case .outputEnd: "'}}'"
        case .tagBegin: "'{%'"
        case .tagEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer(let value): "'\(value)'"
        case .float(let value): "'\(value)'"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end of the template"
        }
    }
}
