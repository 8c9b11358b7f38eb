/// The header fields of an answer.
struct HeaderFields: Sendable {
    private var values: [String: String] = [:]
    private let isHTTP1: Bool

    /// From lines as they came, of which those without a colon, as the status line, are left out.
    /// Of fields with one name the last counts.
    init(lines: String) {
        isHTTP1 = lines.hasPrefix("HTTP/1")
        for line in lines.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            values[line[..<colon].lowercased()] = String(value.trimmingSpaces)
        }
    }

    subscript(name: String) -> String? { values[name] }

    /// A field that is a count of bytes.
    func byteCount(_ name: String) -> Int64? {
        values[name].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// The ETag, if two files that have it are the same byte by byte: a weak one promises less.
    var strongETag: String? {
        guard let tag = values["etag"], tag.hasPrefix("\""), tag.hasSuffix("\""), tag.count > 2
        else { return nil }
        return tag
    }

    /// Whether the end of a body can be told from the end of the connection.
    var isFramed: Bool {
        !isHTTP1 || values["transfer-encoding"] != nil || values["content-length"] != nil
    }

    /// Seconds that the server asks to wait. Dates are not obeyed: clocks differ.
    var retryAfter: Double? { values["retry-after"].flatMap(Double.init) }

    /// `Content-Range: bytes first-last/total`, or `bytes */total`, whose range is nil.
    var contentRange: (range: ClosedRange<Int64>?, total: Int64)? {
        guard let value = values["content-range"], value.lowercased().hasPrefix("bytes "),
            let slash = value.firstIndex(of: "/"),
            let total = Int64(value[value.index(after: slash)...]), total >= 0
        else { return nil }
        let range = value[..<slash].dropFirst(6).trimmingSpaces
        if range == "*" { return (nil, total) }
        let ends = range.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int64(ends[0]), let last = Int64(ends[1]),
            first >= 0, first <= last, last < total
        else { return nil }
        return (first...last, total)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text = text.dropFirst() }
        while text.last == " " || text.last == "\t" { text = text.dropLast() }
        return text
    }
}
