/// Reads the regular expressions that ECMA-262, Python's `re` and Rust's `regex` agree on.
///
/// `.` `[...]` `[^...]` `|` `(...)` `(?:...)` named groups, `* + ? {m} {m,} {m,n}`, lazy or not,
/// `^ $`, `\d \D \w \W \s \S`, escapes. Look-around, back-references, word borders, possessive
/// quantifiers, flags and Unicode categories are refused.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private let path: String
    private let limits: GrammarLimits
    private var depth = 0
    private var ignoresCase: Bool

    static func parse(
        _ text: String,
        path: String,
        ignoringCase: Bool = false,
        limits: GrammarLimits
    ) throws(GrammarError) -> Pattern {
        guard text.utf8.count <= limits.sourceByteCount else {
            throw .overLimit(what: "bytes in a pattern", limit: limits.sourceByteCount)
        }
        var parser = PatternParser(
            scalars: Array(text.unicodeScalars),
            path: path,
            limits: limits,
            ignoresCase: ignoringCase
        )
        let pattern = try parser.choice()
        guard parser.position == parser.scalars.count else {
            throw parser.problem("a ) closes nothing; write \\) for the character")
        }
        return pattern
    }

    private init(
        scalars: [Unicode.Scalar],
        path: String,
        limits: GrammarLimits,
        ignoresCase: Bool
    ) {
        self.scalars = scalars
        self.path = path
        self.limits = limits
        self.ignoresCase = ignoresCase
    }

    // MARK: structure

    private mutating func choice() throws(GrammarError) -> Pattern {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else {
            throw .overLimit(what: "nested groups in a pattern", limit: limits.depth)
        }
        var parts = [try sequence()]
        while take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() throws(GrammarError) -> Pattern {
        var parts: [Pattern] = []
        while let next = peek, next != "|", next != ")" {
            parts.append(try quantified())
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func quantified() throws(GrammarError) -> Pattern {
        var part = try atom()
        while let (minimum, maximum) = try quantifier() {
            guard part != .start, part != .end else { throw problem("an anchor is repeated") }
            if take("+") { throw unsupported("possessive quantifiers") }
            _ = take("?")  // laziness changes which match is found, not what matches
            part = .repeated(part, minimum: minimum, maximum: maximum)
        }
        return part
    }

    private mutating func quantifier() throws(GrammarError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard peek == "{" else { return nil }
        let start = position
        position += 1
        let minimum = try number()
        var maximum = minimum
        if take(",") { maximum = try number() }
        guard take("}"), minimum != nil || maximum != nil else {
            position = start
            throw problem("{ begins no quantifier; write \\{ for the character")
        }
        let least = minimum ?? 0
        if let maximum, maximum < least { throw problem("a quantifier's bounds are reversed") }
        return (least, maximum)
    }

    private mutating func number() throws(GrammarError) -> Int? {
        var value: Int?
        while let next = peek, let digit = hexValue(next), digit < 10 {
            value = (value ?? 0) * 10 + Int(digit)
            position += 1
            guard value ?? 0 <= limits.stateCount else {
                throw .overLimit(what: "repetitions", limit: limits.stateCount)
            }
        }
        return value
    }

    private mutating func atom() throws(GrammarError) -> Pattern {
        guard let next = peek else { throw problem("the pattern ends too early") }
        position += 1
        switch next {
        case ".": return .scalars(ScalarSet.lineEnds.inverted)
        case "^": return .start
        case "$": return .end
        case "(": return try group()
        case "[": return .scalars(try characterClass())
        case "\\": return .scalars(try escape(inClass: false))
        case "*", "+", "?", "{": throw problem("'\(next)' has nothing to repeat")
        default: return .scalars(folded(ScalarSet(next)))
        }
    }

    private mutating func group() throws(GrammarError) -> Pattern {
        if take("?") {
            if take(":") {
                // a group that captures nothing; ours never do
            } else if take("P") || peek == "<" {
                guard take("<"), let first = peek, first != "=", first != "!" else {
                    throw unsupported("look-around and back-references")
                }
                while let next = peek, next != ">" {
                    guard next.properties.isAlphabetic || next == "_" || hexValue(next) != nil
                    else { throw problem("a group's name has a '\(next)'") }
                    position += 1
                }
                guard take(">") else { throw problem("a group's name has no end") }
            } else if peek == "=" || peek == "!" {
                throw unsupported("look-around")
            } else {
                throw unsupported("flags and other special groups")
            }
        }
        let inner = try choice()
        guard take(")") else { throw problem("a ( has no )") }
        return inner
    }

    // MARK: characters

    private mutating func characterClass() throws(GrammarError) -> ScalarSet {
        let isInverted = take("^")
        var set = ScalarSet([] as [ClosedRange<UInt32>])
        var isFirst = true
        while true {
            guard let next = peek else { throw problem("a [ has no ]") }
            if next == "]" && !isFirst { break }
            isFirst = false
            let lower = try classMember()
            guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set = set.union(lower)
                continue
            }
            position += 1
            let upper = try classMember()
            guard let first = lower.only, let last = upper.only, first <= last else {
                throw problem("a range in [...] is reversed or not between two characters")
            }
            set = set.union(ScalarSet([first...last]))
        }
        position += 1
        set = folded(set)
        return isInverted ? set.inverted : set
    }

    private mutating func classMember() throws(GrammarError) -> ScalarSet {
        guard let next = peek else { throw problem("a [ has no ]") }
        position += 1
        if next == "[", peek == ":" { throw unsupported("POSIX classes") }
        return next == "\\" ? try escape(inClass: true) : ScalarSet(next)
    }

    private mutating func escape(inClass: Bool) throws(GrammarError) -> ScalarSet {
        guard let next = peek else { throw problem("a \\ has nothing behind it") }
        position += 1
        switch next {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .wordCharacters
        case "W": return ScalarSet.wordCharacters.inverted
        case "s": return .spaces
        case "S": return ScalarSet.spaces.inverted
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "t": return ScalarSet("\t")
        case "f": return ScalarSet("\u{0C}")
        case "v": return ScalarSet("\u{0B}")
        case "0": return ScalarSet("\0")
        case "b" where inClass: return ScalarSet("\u{08}")
        case "b", "B", "A", "Z", "z": throw unsupported("\\\(next)")
        case "1"..."9", "k": throw unsupported("back-references")
        case "p", "P": throw unsupported("Unicode categories (\\p)")
        case "x": return try hexadecimal(digits: 2)
        case "u":
            if take("{") {
                let set = try hexadecimal(digits: nil)
                guard take("}") else { throw problem("a \\u{ has no }") }
                return set
            }
            return try hexadecimal(digits: 4)
        default:
            guard !next.properties.isAlphabetic else { throw unsupported("\\\(next)") }
            return ScalarSet(next)
        }
    }

    private mutating func hexadecimal(digits: Int?) throws(GrammarError) -> ScalarSet {
        var value: UInt32 = 0
        var count = 0
        while count < digits ?? 6, let next = peek, let digit = hexValue(next) {
            value = value * 16 + digit
            count += 1
            position += 1
        }
        guard count > 0, digits == nil || count == digits, let scalar = Unicode.Scalar(value)
        else { throw problem("a \\x or \\u names no character") }
        return ScalarSet(scalar)
    }

    private func folded(_ set: ScalarSet) -> ScalarSet { ignoresCase ? set.ignoringCase : set }

    // MARK: text

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private func problem(_ text: String) -> GrammarError {
        let offset = scalars[..<position].reduce(0) { $0 + UTF8.width($1) }
        return .syntax(language: "pattern", problem: text, offset: offset)
    }

    private func unsupported(_ what: String) -> GrammarError {
        .unsupported(path: path, problem: "a pattern with \(what) cannot be enforced")
    }
}

extension ScalarSet {
    /// The set's only member.
    fileprivate var only: UInt32? {
        guard ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}

/// The value of a hexadecimal digit.
func hexValue(_ scalar: Unicode.Scalar) -> UInt32? {
    switch scalar {
    case "0"..."9": scalar.value - 0x30
    case "a"..."f": scalar.value - 0x61 + 10
    case "A"..."F": scalar.value - 0x41 + 10
    default: nil
    }
}
