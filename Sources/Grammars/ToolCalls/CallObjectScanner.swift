/// Reads `{"name": …, "arguments": …}` byte by byte and gives its parts away as they come.
///
/// Members may have any order; arguments that come before the name wait for it. Members of other
/// names are passed over. What is inside the arguments is not checked: it is the model's text.
struct CallObjectScanner {
    private enum State {
        case start, beforeKey, key, afterKey, beforeValue, value, afterValue, ended
    }

    /// Something that no call has at this place.
    struct Malformed: Error {}

    private var state = State.start
    private var key: [UInt8] = []
    private var value = ValueScanner()
    private var valueBytes: [UInt8] = []
    /// The name, once its string has ended.
    private(set) var name: String?
    /// Arguments that nobody has taken yet.
    private var arguments: [UInt8] = []
    private var hasArguments = false

    var hasEnded: Bool {
        if case .ended = state { true } else { false }
    }

    /// The arguments that came since the last time; `{}` if the object ended without any.
    mutating func takeArguments() -> [UInt8] {
        defer { arguments = [] }
        if hasEnded, !hasArguments {
            hasArguments = true
            return Array("{}".utf8)
        }
        return arguments
    }

    mutating func read(_ byte: UInt8) throws(Malformed) {
        switch state {
        case .value:
            switch value.read(byte) {
            case .goesOn: take(byte)
            case .endsWith:
                take(byte)
                try finishValue()
            case .endedBefore:
                try finishValue()
                try read(byte)
            }
        case .key:
            key.append(byte)
            if value.read(byte) != .goesOn { state = .afterKey }
        case _ where [0x20, 0x0A, 0x0D, 0x09].contains(byte): break
        case .start: try expect("{", byte, then: .beforeKey)
        case .beforeKey:
            if byte == UInt8(ascii: "}") {
                state = .ended
                return
            }
            try expect("\"", byte, then: .key)
            key = [byte]
            value = ValueScanner()
            _ = value.read(byte)
        case .afterKey: try expect(":", byte, then: .beforeValue)
        case .beforeValue:
            state = .value
            value = ValueScanner()
            valueBytes = []
            try read(byte)
        case .afterValue:
            if byte == UInt8(ascii: "}") {
                state = .ended
            } else {
                try expect(",", byte, then: .beforeKey)
            }
        case .ended: throw Malformed()
        }
    }

    private mutating func expect(
        _ scalar: Unicode.Scalar,
        _ byte: UInt8,
        then next: State
    ) throws(Malformed) {
        guard byte == UInt8(ascii: scalar) else { throw Malformed() }
        state = next
    }

    private var isArguments: Bool {
        key == Array(#""arguments""#.utf8) || key == Array(#""parameters""#.utf8)
    }

    private mutating func take(_ byte: UInt8) {
        // Arguments in a string are JSON written into JSON: they wait until they can be read.
        if isArguments, valueBytes.first ?? byte != UInt8(ascii: "\"") {
            if valueBytes.isEmpty { valueBytes = [byte] }
            hasArguments = true
            arguments.append(byte)
        } else {
            valueBytes.append(byte)
        }
    }

    private mutating func finishValue() throws(Malformed) {
        state = .afterValue
        let isName = key == Array(#""name""#.utf8)
        guard isName || isArguments, valueBytes.first == UInt8(ascii: "\"") else {
            if isName { throw Malformed() }
            return
        }
        guard case .string(let text) = try? JSONValue(parsing: valueBytes) else {
            throw Malformed()
        }
        if isName {
            name = text
        } else {
            hasArguments = true
            arguments += Array(text.utf8)
        }
    }
}

/// Finds the end of a JSON value, that begins with its first byte, by its quotes and brackets.
struct ValueScanner {
    enum Step {
        case goesOn, endsWith, endedBefore
    }

    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    mutating func read(_ byte: UInt8) -> Step {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
                return depth == 0 ? .endsWith : .goesOn
            }
            return .goesOn
        }
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            return .goesOn
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            return .goesOn
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            if depth == 0 { return .endedBefore }
            depth -= 1
            return depth == 0 ? .endsWith : .goesOn
        case UInt8(ascii: ","), 0x20, 0x0A, 0x0D, 0x09:
            return depth == 0 ? .endedBefore : .goesOn
        default: return .goesOn
        }
    }
}
