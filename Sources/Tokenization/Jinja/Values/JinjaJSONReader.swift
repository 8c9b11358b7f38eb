/// Why bytes are not the JSON that was expected.
public struct JinjaJSONError: Error, Sendable, CustomStringConvertible {
    public let message: String
    /// Where, in bytes from the beginning.
    public let offset: Int

    public var description: String { "invalid JSON at byte \(offset): \(message)" }
}

extension JinjaValue {
    /// Reads one JSON value (RFC 8259, strictly) and keeps the order of object keys, which
    /// Foundation's decoder loses and which tool descriptions must be rendered in. As in Python,
    /// the last of several equal keys wins, and integers of any size survive being printed.
    ///
    /// Throws a `JinjaJSONError` for anything else, also for values nested deeper than `depth`.
    public init(json: some Sequence<UInt8>, depth: Int = 100) throws(JinjaJSONError) {
        var reader = JinjaJSONReader(bytes: Array(json), depthLimit: depth)
        self = try reader.readDocument()
    }
}

private struct JinjaJSONReader {
    let bytes: [UInt8]
    let depthLimit: Int
    var position = 0
    var depth = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func readDocument() throws(JinjaJSONError) -> JinjaValue {
        let value = try readValue()
        skipSpace()
        guard position == bytes.count else { throw failure("something follows the value") }
        return value
    }

    private func failure(_ message: String) -> JinjaJSONError {
        JinjaJSONError(message: message, offset: position)
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func readValue() throws(JinjaJSONError) -> JinjaValue {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"):
            return try nested { reader throws(JinjaJSONError) in
                try reader.readObject()
            }
        case UInt8(ascii: "["):
            return try nested { reader throws(JinjaJSONError) in
                try reader.readArray()
            }
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .none)
        case nil: throw failure("the value is missing")
        case .some(let byte):
            guard byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) else {
                throw failure("no value begins like this")
            }
            return try readNumber()
        }
    }

    private mutating func nested(
        _ read: (inout JinjaJSONReader) throws(JinjaJSONError) -> JinjaValue
    ) throws(JinjaJSONError) -> JinjaValue {
        guard depth < depthLimit else {
            throw failure("values nest deeper than \(depthLimit) levels")
        }
        depth += 1
        defer { depth -= 1 }
        position += 1
        return try read(&self)
    }

    private mutating func readWord(
        _ word: String,
        _ value: JinjaValue
    ) throws(JinjaJSONError) -> JinjaValue {
        guard bytes[position...].starts(with: word.utf8) else {
            throw failure("expected '\(word)'")
        }
        position += word.utf8.count
        return value
    }

    private mutating func readArray() throws(JinjaJSONError) -> JinjaValue {
        var elements: [JinjaValue] = []
        skipSpace()
        if skip("]") { return .list([]) }
        while true {
            elements.append(try readValue())
            skipSpace()
            if skip("]") { return .list(JinjaList(elements)) }
            guard skip(",") else { throw failure("expected ',' or ']'") }
        }
    }

    private mutating func readObject() throws(JinjaJSONError) -> JinjaValue {
        var object = JinjaObject()
        skipSpace()
        if skip("}") { return .object(object) }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
            let key = try readString()
            skipSpace()
            guard skip(":") else { throw failure("expected ':'") }
            object[key] = try readValue()
            skipSpace()
            if skip("}") { return .object(object) }
            guard skip(",") else { throw failure("expected ',' or '}'") }
        }
    }

    private mutating func readNumber() throws(JinjaJSONError) -> JinjaValue {
        let start = position
        _ = skip("-")
        if !skip("0") { try readDigits() }
        var isInteger = true
        if skip(".") {
            isInteger = false
            try readDigits()
        }
        if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if !skip("+") { _ = skip("-") }
            try readDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger {
            return Int(text).map { .integer($0) } ?? .made(.bigInteger(text))
        }
        return .float(Double(text) ?? .nan)
    }

    private mutating func readDigits() throws(JinjaJSONError) {
        let start = position
        while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
        if position == start { throw failure("expected a digit") }
    }
}

// MARK: - Strings

extension JinjaJSONReader {
    private mutating func readString() throws(JinjaJSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw failure("the string before this is not UTF-8")
                }
                return valid
            case UInt8(ascii: "\\"):
                position += 1
                text += try readEscape().utf8
            case ..<0x20: throw failure("control characters in strings must be escaped")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw failure("a string never ends")
    }

    private mutating func readEscape() throws(JinjaJSONError) -> String {
        guard let letter = current else { throw failure("a string never ends") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(try readUnicodeEscape())
        default: throw failure("there is no such escape")
        }
    }

    private mutating func readUnicodeEscape() throws(JinjaJSONError) -> Unicode.Scalar {
        let first = try readUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, skip("\\"), skip("u") else {
            throw failure("half a surrogate pair: a character was cut in two")
        }
        let second = try readUnit()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw failure("half a surrogate pair: a character was cut in two") }
        return scalar
    }

    private mutating func readUnit() throws(JinjaJSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw failure("'\\u' needs four hexadecimal digits") }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}
