/// A regular expression over characters, before it is decided how they are written.
indirect enum Pattern: Equatable, Sendable {
    case scalars(ScalarSet)
    case sequence([Pattern])
    case choice([Pattern])
    case repeated(Pattern, minimum: Int, maximum: Int?)
    /// `^` and `$`.
    case start
    case end

    static let empty = sequence([])

    /// How characters become bytes.
    enum Writing {
        /// As themselves.
        case utf8
        /// Inside a JSON string, each in one way (`JSONText.character`).
        case jsonString
    }

    /// The whole text, as `fullmatch` reads a pattern. Anchors at its ends say nothing new.
    ///
    /// - Throws: `GrammarError.unsupported` for an anchor in the middle.
    func matchingAll(path: String) throws(GrammarError) -> Pattern {
        try anchored(path: path).map { $0.pattern }.joined
    }

    /// Anywhere in the text, as JSON Schema and `search` read a pattern.
    func matchingAnywhere(path: String) throws(GrammarError) -> Pattern {
        let anything = Pattern.repeated(.scalars(.all), minimum: 0, maximum: nil)
        return try anchored(path: path).map { part in
            Pattern.sequence(
                (part.isAtStart ? [] : [anything]) + [part.pattern]
                    + (part.isAtEnd ? [] : [anything])
            )
        }.joined
    }

    func expression(_ writing: Writing) -> Expression {
        switch self {
        case .scalars(let set):
            writing == .utf8 ? set.utf8 : JSONText.character(in: set)
        case .sequence(let parts): .sequence(parts.map { $0.expression(writing) })
        case .choice(let parts): .choice(parts.map { $0.expression(writing) })
        case .repeated(let part, let minimum, let maximum):
            .repeated(part.expression(writing), minimum: minimum, maximum: maximum)
        case .start, .end: preconditionFailure("an anchor was left in the pattern \(self)")
        }
    }
}

extension Pattern {
    /// One of several patterns, without anchors, and whether it had them at its ends.
    private struct Anchored {
        var pattern: Pattern
        var isAtStart = false
        var isAtEnd = false
    }

    /// Moves anchors out: the pattern is a choice of the results.
    private func anchored(path: String) throws(GrammarError) -> [Anchored] {
        switch self {
        case .start: return [Anchored(pattern: .empty, isAtStart: true)]
        case .end: return [Anchored(pattern: .empty, isAtEnd: true)]
        case .scalars: return [Anchored(pattern: self)]
        case .choice(let parts):
            var all: [Anchored] = []
            for part in parts { all += try part.anchored(path: path) }
            return all.contains { $0.isAtStart || $0.isAtEnd } ? all : [Anchored(pattern: self)]
        case .repeated(let part, _, _):
            guard !part.hasAnchor else { throw Self.misplaced(path) }
            return [Anchored(pattern: self)]
        case .sequence(let parts):
            guard hasAnchor else { return [Anchored(pattern: self)] }
            var all = [Anchored(pattern: .empty)]
            for (index, part) in parts.enumerated() {
                let isFirst = parts[..<index].allSatisfy { $0 == .start }
                let isLast = parts[(index + 1)...].allSatisfy { $0 == .end }
                var longer: [Anchored] = []
                for next in try part.anchored(path: path) {
                    guard (!next.isAtStart || isFirst) && (!next.isAtEnd || isLast) else {
                        throw Self.misplaced(path)
                    }
                    longer += all.map {
                        Anchored(
                            pattern: .sequence([$0.pattern, next.pattern]),
                            isAtStart: $0.isAtStart || next.isAtStart,
                            isAtEnd: $0.isAtEnd || next.isAtEnd
                        )
                    }
                }
                guard longer.count <= 64 else {
                    throw .overLimit(what: "alternatives with anchors", limit: 64)
                }
                all = longer
            }
            return all
        }
    }

    private static func misplaced(_ path: String) -> GrammarError {
        .unsupported(path: path, problem: "^ and $ are enforced only at the ends of a pattern")
    }

    private var hasAnchor: Bool {
        switch self {
        case .start, .end: true
        case .scalars: false
        case .sequence(let parts), .choice(let parts): parts.contains(where: \.hasAnchor)
        case .repeated(let part, _, _): part.hasAnchor
        }
    }
}

extension [Pattern] {
    fileprivate var joined: Pattern { count == 1 ? self[0] : .choice(self) }
}
