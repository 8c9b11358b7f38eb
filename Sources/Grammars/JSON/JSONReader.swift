/// Reads JSON (RFC 8259) strictly, within limits.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private let limits: GrammarLimits

    init(_ bytes: [UInt8], limits: GrammarLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The value that is the whole text.
    mutating func document() throws(GrammarError) -> JSONValue {
        guard bytes.count <= limits.sourceByteCount else {
            throw .overLimit(what: "bytes", limit: limits.sourceByteCount)
        }
        let result = try value()
        skipSpace()
        guard position == bytes.count else { throw problem("something follows the value") }
        return result
    }

    private mutating func value() throws(GrammarError) -> JSONValue {
        skipSpace()
        guard let next = peek else { throw problem("a value is missing") }
        switch next {
        case UInt8(ascii: "{"):
            return try nested { (reader) throws(GrammarError) in
                .object(try reader.members())
            }
        case UInt8(ascii: "["):
            return try nested { (reader) throws(GrammarError) in
                .array(try reader.elements())
            }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ read: (inout Self) throws(GrammarError) -> JSONValue
    ) throws(GrammarError) -> JSONValue {
        depth += 1
        guard depth <= limits.depth else { throw .overLimit(what: "levels", limit: limits.depth) }
        position += 1
        let result = try read(&self)
        depth -= 1
        return result
    }

    private mutating func members() throws(GrammarError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        skipSpace()
        if take("}") { return [] }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw problem("a member's name is missing") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw problem("a : is missing") }
            members.append(JSONValue.Member(key, try value()))
            skipSpace()
        } while take(",")
        guard take("}") else { throw problem("a } is missing") }
        return members
    }

    private mutating func elements() throws(GrammarError) -> [JSONValue] {
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return [] }
        repeat {
            elements.append(try value())
            skipSpace()
        } while take(",")
        guard take("]") else { throw problem("a ] is missing") }
        return elements
    }

    private mutating func word(
        _ word: String,
        _ value: JSONValue
    ) throws(GrammarError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw problem("no such value") }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(GrammarError) -> JSONValue {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(GrammarError) {
        let start = position
        while let next = peek, (0x30...0x39).contains(next) { position += 1 }
        guard position > start else { throw problem("no such value") }
    }

    private mutating func string() throws(GrammarError) -> String {
        position += 1
        var text: [UInt8] = []
        while let next = peek {
            position += 1
            switch next {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw problem("a string is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
            case 0..<0x20: throw problem("a control character is not escaped")
            default: text.append(next)
            }
        }
        throw problem("a string has no end")
    }

    private mutating func escape() throws(GrammarError) -> Unicode.Scalar {
        guard let next = peek else { throw problem("a string has no end") }
        position += 1
        switch next {
        case UInt8(ascii: "u"): break
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Unicode.Scalar(next)
        default: throw problem("no such escape")
        }
        var value = try hexadecimal()
        if (0xD800...0xDBFF).contains(value), take("\\"), take("u") {
            let low = try hexadecimal()
            guard (0xDC00...0xDFFF).contains(low) else { throw problem("half a character") }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw problem("half a character") }
        return scalar
    }

    private mutating func hexadecimal() throws(GrammarError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let next = peek, let digit = hexValue(Unicode.Scalar(next)) else {
                throw problem("a \\u has four hexadecimal digits")
            }
            value = value * 16 + digit
            position += 1
        }
        return value
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let next = peek, [0x20, 0x0A, 0x0D, 0x09].contains(next) { position += 1 }
    }

    private func problem(_ text: String) -> GrammarError {
        .syntax(language: "JSON", problem: text, offset: position)
    }
}

extension JSONValue {
    /// Reads a JSON text.
    ///
    /// - Throws: `GrammarError`, if it is malformed or over a limit.
    public init(
        parsing text: some Sequence<UInt8>,
        limits: GrammarLimits = GrammarLimits()
    ) throws(GrammarError) {
        var reader = JSONReader(Array(text), limits: limits)
        self = try reader.document()
    }
}
