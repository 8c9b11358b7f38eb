/// Why bytes are not the JSON that was expected.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    package let problem: String
    /// Where, in bytes from the beginning.
    package let offset: Int

    package init(problem: String, offset: Int) {
        (self.problem, self.offset) = (problem, offset)
    }

    package var description: String { "at byte \(offset) \(problem)" }
}

/// A cursor over JSON (RFC 8259, strictly) that hands out values as they come and builds no tree: a
/// vocabulary of 262,000 tokens is read into its final place.
///
/// Whoever walks with it reads every value exactly once, or skips it. Keys that occur twice in an
/// object are refused: readers disagree on which counts.
package struct JSONCursor {
    package enum Kind: String, Sendable {
        case object, array, string, number, bool, null
    }

    private let bytes: [UInt8]
    private let depthLimit: Int
    private var depth = 0
    /// Where the next value begins, or white space before it.
    package private(set) var offset = 0

    /// - Parameter depthLimit: how deep objects and arrays may nest.
    package init(_ bytes: [UInt8], depthLimit: Int = 64) {
        (self.bytes, self.depthLimit) = (bytes, depthLimit)
    }

    /// An error at the cursor.
    package func failure(_ problem: String) -> JSONError {
        JSONError(problem: problem, offset: offset)
    }

    /// What the next value is. It need not be well-formed.
    package mutating func kind() throws(JSONError) -> Kind {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case nil: throw failure("a value is missing")
        case .some(let byte):
            guard byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) else {
                throw failure("no value begins like this")
            }
            return .number
        }
    }

    /// Checks that nothing but white space follows.
    package mutating func end() throws(JSONError) {
        skipSpace()
        guard offset == bytes.count else { throw failure("something follows the value") }
    }

    /// Calls `member` with each key of the next value, an object; it must read the key's value.
    package mutating func object(
        _ member: (inout JSONCursor, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        var keys: Set<ExactKey> = []
        try elements(of: .object, end: UInt8(ascii: "}")) { cursor throws(JSONError) in
            cursor.skipSpace()
            guard cursor.current == UInt8(ascii: "\"") else {
                throw cursor.failure("should have a key in quotes")
            }
            let start = cursor.offset
            let key = try cursor.string()
            guard keys.insert(ExactKey(text: key)).inserted else {
                throw JSONError(problem: "the key \(quoted(key)) occurs twice", offset: start)
            }
            cursor.skipSpace()
            guard cursor.take(UInt8(ascii: ":")) else { throw cursor.failure("should have ':'") }
            try member(&cursor, key)
        }
    }

    /// Calls `element` for each element of the next value, an array; it must read it.
    package mutating func array(
        _ element: (inout JSONCursor) throws(JSONError) -> Void
    ) throws(JSONError) {
        try elements(of: .array, end: UInt8(ascii: "]"), element)
    }

    private mutating func elements(
        of kind: Kind,
        end: UInt8,
        _ element: (inout JSONCursor) throws(JSONError) -> Void
    ) throws(JSONError) {
        try expect(kind)
        guard depth < depthLimit else { throw failure("values nest deeper than \(depthLimit)") }
        depth += 1
        defer { depth -= 1 }
        offset += 1
        skipSpace()
        if take(end) { return }
        while true {
            try element(&self)
            skipSpace()
            if take(end) { return }
            guard take(UInt8(ascii: ",")) else {
                throw failure("should have ',' or the end of the \(kind.rawValue)")
            }
        }
    }

    /// The next value, true or false.
    package mutating func bool() throws(JSONError) -> Bool {
        try expect(.bool)
        let isTrue = current == UInt8(ascii: "t")
        try word(isTrue ? "true" : "false")
        return isTrue
    }

    /// Moves over the next value if it is null.
    package mutating func isNull() throws(JSONError) -> Bool {
        guard try kind() == .null else { return false }
        try word("null")
        return true
    }

    /// The next value, an integer of no fraction and no exponent that an `Int` holds.
    package mutating func integer() throws(JSONError) -> Int {
        let start = offset
        let text = try numeral()
        guard let value = Int(text) else {
            throw JSONError(problem: "\(text.prefix(40)) is no integer of 64 bits", offset: start)
        }
        return value
    }

    /// The next value, a number.
    package mutating func number() throws(JSONError) -> Double {
        let start = offset
        guard let value = Double(try numeral()), value.isFinite else {
            throw JSONError(problem: "is a number that no Double holds", offset: start)
        }
        return value
    }

    /// Moves over the next value, checking its form.
    package mutating func skip() throws(JSONError) {
        switch try kind() {
        case .object: try object { cursor, _ throws(JSONError) in try cursor.skip() }
        case .array: try array { cursor throws(JSONError) in try cursor.skip() }
        case .string: _ = try string()
        case .number: _ = try numeral()
        case .bool: _ = try bool()
        case .null: try word("null")
        }
    }
}

/// A key by its bytes: for Swift, `é` equals `e` with an accent, and vocabularies have both.
private struct ExactKey: Hashable {
    let text: String

    static func == (left: ExactKey, right: ExactKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

// MARK: - Characters

extension JSONCursor {
    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ kind: Kind) throws(JSONError) {
        let found = try self.kind()
        guard found == kind else {
            throw failure("should have \(kind.rawValue), and has \(found.rawValue)")
        }
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        let spelled = word.description.utf8
        guard bytes[offset...].starts(with: spelled) else { throw failure("should have \(word)") }
        offset += spelled.count
    }

    private mutating func numeral() throws(JSONError) -> String {
        try expect(.number)
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while let byte = current, (0x30...0x39).contains(byte) { offset += 1 }
        if offset == start { throw failure("should have a digit") }
    }

    /// The next value, a string.
    package mutating func string() throws(JSONError) -> String {
        try expect(.string)
        let start = offset
        offset += 1
        var text: [UInt8] = []
        while true {
            let plain = offset
            while let byte = current, byte != 0x22, byte != 0x5C, byte >= 0x20 { offset += 1 }
            let run = bytes[plain..<offset]
            guard let byte = current else { throw failure("a string never ends") }
            guard byte >= 0x20 else {
                throw failure("a control character in a string must be escaped")
            }
            offset += 1
            if byte == 0x22, text.isEmpty { return try valid(run, start) }
            text += run
            if byte == 0x22 { return try valid(text[...], start) }
            text += try escape().utf8
        }
    }

    private func valid(_ text: ArraySlice<UInt8>, _ start: Int) throws(JSONError) -> String {
        guard let valid = String(validating: text, as: UTF8.self) else {
            throw JSONError(problem: "a string is not valid UTF-8", offset: start)
        }
        return valid
    }

    private mutating func escape() throws(JSONError) -> String {
        guard let letter = current else { throw failure("a string never ends") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(try unicodeEscape())
        default: throw failure("there is no such escape")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try unit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(0x5C), take(UInt8(ascii: "u")) else {
            throw failure("half a surrogate pair")
        }
        let second = try unit()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw failure("half a surrogate pair") }
        return scalar
    }

    private mutating func unit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw failure("an escape needs four hexadecimal digits") }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }
}
