/// An expression of the syntax tree.
package struct JinjaExpression: Sendable {
    package indirect enum Node: Sendable {
        case literal(JinjaValue)
        /// A name, as an index into the template's symbols.
        case variable(Int)
        case attribute(JinjaExpression, JinjaAttribute)
        case item(JinjaExpression, JinjaExpression)
        case slice(
            JinjaExpression,
            start: JinjaExpression?,
            stop: JinjaExpression?,
            step: JinjaExpression?
        )
        case call(JinjaExpression, JinjaCallArguments)
        case filter(JinjaExpression, JinjaFilter, JinjaCallArguments)
        case test(JinjaExpression, JinjaTest, JinjaCallArguments)
        /// A filter or test by a name we do not have, met where Jinja only complains when it runs.
        case unknown(String)
        case not(JinjaExpression)
        case negative(JinjaExpression)
        case positive(JinjaExpression)
        case and(JinjaExpression, JinjaExpression)
        case or(JinjaExpression, JinjaExpression)
        case binary(JinjaBinaryOperator, JinjaExpression, JinjaExpression)
        /// `a < b < c`, which means what it means in Python.
        case comparison(JinjaExpression, [(JinjaComparison, JinjaExpression)])
        case concatenation([JinjaExpression])
        case conditional(
            JinjaExpression,
            then: JinjaExpression,
            otherwise: JinjaExpression?
        )
        case list([JinjaExpression])
        case tuple([JinjaExpression])
        case object([(key: JinjaExpression, value: JinjaExpression)])
        /// The text of the block that a `{% filter %}` or `{% set … | … %}` works on.
        case captured
    }

    package let node: Node
    /// Where it begins in the source.
    package let offset: Int32
    /// Nesting of the tree from here down, kept small by the parser: the interpreter recurses.
    package let height: Int32
}

package struct JinjaAttribute: Sendable {
    package let name: String
    /// The method of that name, if some type has one.
    package let method: JinjaMethod?

    package init(_ name: String) {
        self.name = name
        method = JinjaMethod(rawValue: name)
    }
}

/// The arguments of a call as written.
package struct JinjaCallArguments: Sendable {
    package var positional: [JinjaExpression] = []
    package var keywords: [(name: String, value: JinjaExpression)] = []
    /// `*list` and `**object`.
    package var spread: JinjaExpression?
    package var keywordSpread: JinjaExpression?

    package var isEmpty: Bool {
        positional.isEmpty && keywords.isEmpty && spread == nil && keywordSpread == nil
    }

    var expressions: [JinjaExpression] {
        positional + keywords.map(\.value) + [spread, keywordSpread].compactMap { $0 }
    }
}

package enum JinjaBinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
}

package enum JinjaComparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
}
