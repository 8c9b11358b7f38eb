/// Why a grammar cannot be used: always the fault of whoever wrote it.
public enum GrammarError: Error, Equatable {
    /// The text is not of its language; `language` names that, `offset` counts bytes.
    case syntax(language: String, problem: String, offset: Int)
    /// A construct that cannot be enforced; `path` says where.
    case unsupported(path: String, problem: String)
    /// No text satisfies the grammar.
    case unsatisfiable(path: String)
    /// A rule begins with itself, so that no automaton that reads from the left ends.
    case leftRecursion(rule: String)
    /// Larger than anything a client has reason to send.
    case overLimit(what: String, limit: Int)
}

extension GrammarError: CustomStringConvertible {
    /// One sentence that says what is wrong and what would be right.
    public var description: String {
        switch self {
        case .syntax(let language, let problem, let offset):
            "The \(language) is malformed at byte \(offset): \(problem)."
        case .unsupported(let path, let problem):
            "At \(path): \(problem)."
        case .unsatisfiable(let path):
            "Nothing can satisfy the constraint at \(path); its parts contradict each other."
        case .leftRecursion(let rule):
            "The rule '\(rule)' begins with itself by way of another rule; write the repetition "
                + "with * or put something in front of it."
        case .overLimit(let what, let limit):
            "The constraint has more than \(limit) \(what); make it smaller or split it."
        }
    }
}
