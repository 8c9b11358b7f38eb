/// Separates the calls of tools from the text of an answer, while it comes.
///
/// Nothing is given out that a later byte could turn into something else: a `<` may begin a
/// `<tool_call>`. What looks like a call and is none comes out as the text that it is.
public struct ToolCallParser: Sendable {
    private enum Mode: Sendable {
        /// At the beginning of an output that may be nothing but calls.
        case start
        /// In text in which a marker may come.
        case content
        /// In text that is only text.
        case text
        /// Behind a marker or a separator: a call must begin.
        case open
        /// In a call's object.
        case object
        /// In the arguments of `name{…}`.
        case bareArguments
        /// Behind a call.
        case between
    }

    private let format: ToolCallFormat
    private let tools: Set<String>
    private var mode: Mode
    /// Bytes that have not been decided on, with which the next ones begin.
    private var pending: [UInt8] = []
    private var scanner = CallObjectScanner()
    private var bareValue = ValueScanner()
    /// What the object under way consists of, until it is known to be a call.
    private var raw: [UInt8] = []
    private var isInList = false
    private var hasBegun = false
    /// The number of calls that have begun.
    public private(set) var callCount = 0

    /// - Parameter tools: The names that there are. In formats without a marker, an object with
    ///   another name is text.
    public init(_ format: ToolCallFormat, tools: some Sequence<String>) {
        self.format = format
        self.tools = Set(tools)
        mode = format.marker == nil ? .start : .content
    }

    /// Takes text that follows, and returns what is certain now.
    public mutating func read(_ text: String) -> [ToolCallDelta] {
        pending += Array(text.utf8)
        var deltas: [ToolCallDelta] = []
        while advance(&deltas) {}
        return deltas
    }

    /// The output has ended: what was held back is what it looks like.
    public mutating func finish() -> [ToolCallDelta] {
        var deltas: [ToolCallDelta] = []
        switch mode {
        case .object where !hasBegun, .open:
            content(raw + pending, &deltas)
        case .object, .between, .bareArguments: break
        case .content where callCount > 0 && spaceCount(pending) == pending.count: break
        default: content(pending, &deltas)
        }
        pending = []
        raw = []
        return deltas
    }

    /// Decides on the next bytes; false if they do not suffice.
    private mutating func advance(_ deltas: inout [ToolCallDelta]) -> Bool {
        guard !pending.isEmpty else { return false }
        switch mode {
        case .start: return readStart()
        case .content: return readContent(&deltas)
        case .text:
            content(pending, &deltas)
            pending = []
            return false
        case .open: return readOpening(&deltas)
        case .object: return readObject(&deltas)
        case .bareArguments: return readBareArguments(&deltas)
        case .between: return readBetween(&deltas)
        }
    }

    private func content(_ bytes: [UInt8], _ deltas: inout [ToolCallDelta]) {
        guard !bytes.isEmpty else { return }
        deltas.append(.content(String(decoding: bytes, as: UTF8.self)))
    }

    private func spaceCount(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.prefix { [0x20, 0x0A, 0x0D, 0x09].contains($0) }.count { _ in true }
    }
}

// MARK: outside of calls

extension ToolCallParser {
    private static let pythonTag = Array("<|python_tag|>".utf8)

    private mutating func readStart() -> Bool {
        let begin = spaceCount(pending)
        let rest = pending[begin...]
        guard let first = rest.first else { return false }
        if format == .llama3, rest.starts(with: Self.pythonTag) {
            raw = Array(pending[..<(begin + Self.pythonTag.count)])
            pending.removeFirst(begin + Self.pythonTag.count)
            mode = .open
        } else if format == .llama3, Self.pythonTag.starts(with: rest) {
            return false
        } else if first == UInt8(ascii: "{") || format == .json && first == UInt8(ascii: "[") {
            mode = .open
        } else {
            mode = .text
        }
        return true
    }

    private mutating func readContent(_ deltas: inout [ToolCallDelta]) -> Bool {
        guard let marker = format.marker.map({ Array($0.utf8) }) else {
            preconditionFailure("the format \(format) has no marker to look for")
        }
        if let place = pending.firstIndex(of: marker) {
            // The space before a call is not worth an event; nor is that between two.
            let end = place - spaceCount(pending[..<place].reversed())
            content(Array(pending[..<end]), &deltas)
            raw = Array(pending[end..<(place + marker.count)])
            pending.removeFirst(place + marker.count)
            mode = .open
            return true
        }
        var held = min(marker.count - 1, pending.count)
        while !marker.starts(with: pending.suffix(held)) { held -= 1 }
        held += spaceCount(pending.dropLast(held).reversed())
        content(Array(pending.dropLast(held)), &deltas)
        pending.removeFirst(pending.count - held)
        return false
    }

    /// What was held for a call is text after all.
    private mutating func giveUp(_ deltas: inout [ToolCallDelta]) {
        content(raw, &deltas)
        raw = []
        isInList = false
        mode = format.marker == nil ? .text : .content
    }
}

// MARK: calls

extension ToolCallParser {
    private mutating func readOpening(_ deltas: inout [ToolCallDelta]) -> Bool {
        let begin = spaceCount(pending)
        guard begin < pending.count else { return false }
        switch pending[begin] {
        case UInt8(ascii: "{"):
            raw += pending[..<begin]
            pending.removeFirst(begin)
            scanner = CallObjectScanner()
            hasBegun = false
            mode = .object
        case UInt8(ascii: "[") where !isInList && (format == .mistral || format == .json):
            isInList = true
            raw += pending[...begin]
            pending.removeFirst(begin + 1)
        case UInt8(ascii: "]") where isInList:
            isInList = false
            pending.removeFirst(begin + 1)
            mode = .between
        default:
            return format == .mistral && !isInList ? readBareName(&deltas) : failOpening(&deltas)
        }
        return true
    }

    private mutating func failOpening(_ deltas: inout [ToolCallDelta]) -> Bool {
        giveUp(&deltas)
        return true
    }

    /// `name{` or `name[ARGS]{`.
    private mutating func readBareName(_ deltas: inout [ToolCallDelta]) -> Bool {
        let ends = Set("{[".utf8)
        guard let end = pending.firstIndex(where: ends.contains) else {
            return pending.count > 256 ? failOpening(&deltas) : false
        }
        let tag = Array("[ARGS]".utf8)
        var rest = pending[end...]
        if rest.first == tag.first {
            if rest.count < tag.count, tag.starts(with: rest) { return false }
            guard rest.starts(with: tag) else { return failOpening(&deltas) }
            rest = rest.dropFirst(tag.count)
        }
        let name = String(decoding: pending[..<end], as: UTF8.self)
        deltas.append(.call(index: callCount, name: name.trimmingSpace))
        callCount += 1
        pending = Array(rest)
        bareValue = ValueScanner()
        raw = []
        mode = .bareArguments
        return true
    }

    private mutating func readBareArguments(_ deltas: inout [ToolCallDelta]) -> Bool {
        var count = 0
        loop: for byte in pending {
            switch bareValue.read(byte) {
            case .goesOn: count += 1
            case .endsWith:
                count += 1
                mode = .between
                break loop
            case .endedBefore:
                mode = .between
                break loop
            }
        }
        let text = String(decoding: pending[..<count], as: UTF8.self)
        if count > 0 { deltas.append(.arguments(index: callCount - 1, text)) }
        pending.removeFirst(count)
        return mode == .between
    }

    private mutating func readObject(_ deltas: inout [ToolCallDelta]) -> Bool {
        var count = 0
        var isMalformed = false
        for byte in pending {
            do throws(CallObjectScanner.Malformed) {
                try scanner.read(byte)
            } catch {
                isMalformed = true
                break
            }
            count += 1
            if scanner.hasEnded { break }
        }
        if !hasBegun {
            raw += pending[..<count]
            if let name = scanner.name {
                if format.marker == nil, !tools.contains(name) {
                    isMalformed = true
                } else {
                    hasBegun = true
                    raw = []
                    deltas.append(.call(index: callCount, name: name))
                    callCount += 1
                }
            } else if scanner.hasEnded {
                isMalformed = true
            }
        }
        pending.removeFirst(count)
        if hasBegun {
            let arguments = scanner.takeArguments()
            if !arguments.isEmpty {
                let text = String(decoding: arguments, as: UTF8.self)
                deltas.append(.arguments(index: callCount - 1, text))
            }
        }
        if isMalformed {
            giveUp(&deltas)
            return true
        }
        guard scanner.hasEnded else { return false }
        mode = .between
        return true
    }

    /// The end mark, a separator and the next call, or text.
    private mutating func readBetween(_ deltas: inout [ToolCallDelta]) -> Bool {
        let begin = spaceCount(pending)
        guard begin < pending.count else { return false }
        let rest = pending[begin...]
        let endMark = Array("</tool_call>".utf8)
        switch format {
        case .hermes:
            if rest.starts(with: endMark) {
                pending.removeFirst(begin + endMark.count)
                mode = .content
                return !pending.isEmpty
            }
            if endMark.starts(with: rest) { return false }
        case .llama3 where rest.first == UInt8(ascii: ";"):
            pending.removeFirst(begin + 1)
            mode = .open
            return true
        case .llama3 where rest.first == UInt8(ascii: "{"):
            mode = .open
            return true
        case .mistral, .json:
            if isInList, rest.first == UInt8(ascii: ",") {
                pending.removeFirst(begin + 1)
                mode = .open
                return true
            }
            if isInList, rest.first == UInt8(ascii: "]") {
                pending.removeFirst(begin + 1)
                isInList = false
                return !pending.isEmpty
            }
        default: break
        }
        isInList = false
        mode = format.marker == nil ? .text : .content
        return true
    }
}

extension [UInt8] {
    /// Where a run of bytes begins first.
    fileprivate func firstIndex(of other: [UInt8]) -> Int? {
        guard count >= other.count else { return nil }
        return (0...(count - other.count)).first { self[$0...].starts(with: other) }
    }
}

extension String {
    fileprivate var trimmingSpace: String {
        let isSpace: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
        let start = unicodeScalars.drop(while: isSpace)
        return String(String.UnicodeScalarView(start.reversed().drop(while: isSpace).reversed()))
    }
}
