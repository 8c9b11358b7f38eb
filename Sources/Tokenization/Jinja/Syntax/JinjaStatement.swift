/// A statement of the syntax tree.
package indirect enum JinjaStatement: Sendable {
    case text(String)
    case output(JinjaExpression)
    case set(JinjaTarget, JinjaExpression)
    /// `filter` works on `.captured`; nil where the text itself is the value.
    case setBlock(JinjaTarget, filter: JinjaExpression?, body: [JinjaStatement])
    case conditional(
        [(test: JinjaExpression, body: [JinjaStatement])],
        otherwise: [JinjaStatement]
    )
    case loop(JinjaLoop)
    case macro(JinjaMacro)
    case call(JinjaMacro, JinjaExpression)
    case filter(JinjaExpression, body: [JinjaStatement])
    case with([(JinjaTarget, JinjaExpression)], body: [JinjaStatement])
    /// A body with variables of its own: `{% generation %}`.
    case scope([JinjaStatement])
    case breakLoop
    case continueLoop
}

/// What an assignment assigns to.
package indirect enum JinjaTarget: Sendable {
    case name(Int)
    /// `{% set ns.field = … %}`, possible on namespaces only.
    case field(of: Int, String, offset: Int32)
    case tuple([JinjaTarget])
}

package struct JinjaLoop: Sendable {
    package let target: JinjaTarget
    package let iterable: JinjaExpression
    /// Elements for which this is false are skipped and not counted.
    package let condition: JinjaExpression?
    package let body: [JinjaStatement]
    package let otherwise: [JinjaStatement]
    package let isRecursive: Bool
    /// Whether the body can see `loop`; keeping it up to date costs something.
    package let usesLoop: Bool
}

package struct JinjaMacro: Sendable {
    package struct Parameter: Sendable {
        package let symbol: Int
        package let name: String
        package let defaultValue: JinjaExpression?
    }

    /// Empty for a call block.
    package let name: String
    package let symbol: Int?
    package let parameters: [Parameter]
    package let body: [JinjaStatement]
    /// The special names that the body mentions, which make the macro accept them.
    package let usesCaller: Bool
    package let usesKeywords: Bool
    package let usesVariadics: Bool
}

/// Names to small integers, so that the interpreter never compares names.
package struct JinjaSymbols: Sendable {
    package private(set) var names: [String] = []
    private var indices: [String: Int] = [:]

    package let loop: Int
    package let caller: Int
    package let keywords: Int
    package let variadics: Int

    init() {
        loop = 0
        caller = 1
        keywords = 2
        variadics = 3
        for name in ["loop", "caller", "kwargs", "varargs"] { _ = index(of: name) }
    }

    mutating func index(of name: String) -> Int {
        if let index = indices[name] { return index }
        names.append(name)
        indices[name] = names.count - 1
        return names.count - 1
    }

    package func index(ofKnown name: String) -> Int? { indices[name] }
}
