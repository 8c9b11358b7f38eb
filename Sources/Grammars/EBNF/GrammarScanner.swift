/// What the notations of grammars have in common: names, quoted texts, classes, counts.
struct GrammarScanner {
    let scalars: [Unicode.Scalar]
    let language: String
    let limits: GrammarLimits
    var position = 0
    private var depth = 0

    init(_ text: String, language: String, limits: GrammarLimits) {
        scalars = Array(text.unicodeScalars)
        self.language = language
        self.limits = limits
    }

    var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    func looksAt(_ text: String) -> Bool {
        scalars[position...].starts(with: text.unicodeScalars)
    }

    mutating func take(_ text: String) -> Bool {
        guard looksAt(text) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    /// Passes over spaces and comments; over line ends only if asked.
    mutating func skip(comment: String, lineEnds: Bool) {
        while let next = peek {
            if looksAt(comment) {
                while let next = peek, next != "\n" { position += 1 }
            } else if next == " " || next == "\t" || next == "\r" || lineEnds && next == "\n" {
                position += 1
            } else {
                return
            }
        }
    }

    /// Letters, digits, `_` and `-`.
    mutating func name() -> String? {
        var name = String.UnicodeScalarView()
        while let next = peek,
            ("a"..."z").contains(next) || ("A"..."Z").contains(next)
                || ("0"..."9").contains(next) || next == "_" || next == "-"
        {
            name.append(next)
            position += 1
        }
        return name.isEmpty ? nil : String(name)
    }

    mutating func number() -> Int? {
        var value: Int?
        while let next = peek, ("0"..."9").contains(next), value ?? 0 < 1_000_000 {
            value = (value ?? 0) * 10 + Int(next.value - 0x30)
            position += 1
        }
        return value
    }

    /// A text in double quotes, with C's escapes.
    mutating func quoted() throws(GrammarError) -> String {
        position += 1
        var text = String.UnicodeScalarView()
        while let next = peek, next != "\n" {
            position += 1
            if next == "\"" { return String(text) }
            text.append(next == "\\" ? try escape() : next)
        }
        throw problem("a quoted text has no end")
    }

    private mutating func escape() throws(GrammarError) -> Unicode.Scalar {
        guard let next = peek else { throw problem("a \\ has nothing behind it") }
        position += 1
        let digits: Int
        switch next {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "x": digits = 2
        case "u": digits = 4
        case "U": digits = 8
        case "\"", "\\", "'", "/", "[", "]", "-": return next
        default: throw problem("the escape \\\(next) is not known")
        }
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let next = peek, let digit = hexValue(next) else {
                throw problem("an escape has too few hexadecimal digits")
            }
            value = value &* 16 &+ digit
            position += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw problem("an escape is no character") }
        return scalar
    }

    /// The text up to `end`, which is not escaped, with both ends.
    mutating func delimited(by end: Unicode.Scalar) throws(GrammarError) -> String {
        var text = String.UnicodeScalarView()
        repeat {
            guard let next = peek, next != "\n" else { throw problem("a \(end) is missing") }
            text.append(next)
            position += 1
            if next == "\\", let escaped = peek {
                text.append(escaped)
                position += 1
            }
        } while peek != end
        text.append(end)
        position += 1
        return String(text)
    }

    /// Before a group; `leave` comes after it.
    mutating func enter() throws(GrammarError) {
        depth += 1
        guard depth <= limits.depth else {
            throw .overLimit(what: "nested groups", limit: limits.depth)
        }
    }

    mutating func leave() { depth -= 1 }

    func problem(_ text: String) -> GrammarError {
        let offset = scalars[..<position].reduce(0) { $0 + UTF8.width($1) }
        return .syntax(language: language, problem: text, offset: offset)
    }
}
