/// An expression as a tree.
indirect enum ExpressionNode {
    /// Matches the empty text.
    case empty
    case set(ScalarSet)
    case sequence([ExpressionNode])
    /// The first that leads to a match.
    case alternatives([ExpressionNode])
    case repetition(ExpressionNode, minimum: Int, maximum: Int?, Greed)
    case look(ExpressionNode, Direction, isNegated: Bool)
    /// Matches what its content matches first, and nothing else.
    case atomic(ExpressionNode)
    case place(Place)

    enum Greed { case greedy, lazy, possessive }

    enum Direction { case ahead, behind }

    /// What is true or false of a place between scalars.
    enum Place { case lineStart, lineEnd, textStart, textEnd, lastLineEnd, wordEdge, noWordEdge }

    /// Whether it can match the empty text.
    var isNullable: Bool {
        switch self {
        case .empty, .look, .place: true
        case .set: false
        case .sequence(let nodes): nodes.allSatisfy(\.isNullable)
        case .alternatives(let nodes): nodes.contains(where: \.isNullable)
        case .repetition(let node, let minimum, _, _): minimum == 0 || node.isNullable
        case .atomic(let node): node.isNullable
        }
    }
}

/// Why an expression cannot be used.
struct ExpressionError: Error, Equatable {
    let problem: String
}
