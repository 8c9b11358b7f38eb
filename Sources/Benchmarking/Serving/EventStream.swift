/// Takes a stream of server-sent events apart as its bytes arrive, in pieces of any size.
///
/// Specification: the WHATWG's "Server-sent events", of which `data` fields and comments matter
/// here. Lines end with LF or CRLF.
public struct EventStream: Sendable {
    /// A line that is longer than this belongs to no stream of tokens.
    public static let lineLimit = 4 << 20

    /// What is wrong with the bytes.
    public struct Malformed: Error, Equatable {
        public let reason: String
    }

    private var line: [UInt8] = []
    private var data: [UInt8]?

    public init() {}

    /// Takes bytes in and hands each event they complete to `body`: its data, without a line's end.
    /// - Throws: `Malformed` for a line over the limit or one that is no field; what `body` throws.
    public mutating func append(
        _ bytes: some Sequence<UInt8>,
        _ body: ([UInt8]) throws -> Void
    ) throws {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                try endLine(body)
            } else {
                guard line.count < Self.lineLimit else {
                    throw Malformed(reason: "a line of over \(Self.lineLimit) bytes")
                }
                line.append(byte)
            }
        }
    }

    /// Whether the bytes so far end between two events.
    public var isBetweenEvents: Bool { line.isEmpty && data == nil }

    private mutating func endLine(_ body: ([UInt8]) throws -> Void) throws {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            if let event = data { try body(event) }
            data = nil
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw Malformed(reason: "a line that is no field")
        }
        // Comments have no name; other fields than data say nothing about tokens.
        guard line[..<colon].elementsEqual("data".utf8) else { return }
        var value = line[(colon + 1)...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        guard (data?.count ?? 0) + value.count <= Self.lineLimit else {
            throw Malformed(reason: "an event of over \(Self.lineLimit) bytes")
        }
        data = data.map { $0 + [UInt8(ascii: "\n")] + value } ?? Array(value)
    }
}
