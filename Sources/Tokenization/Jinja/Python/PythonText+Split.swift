// Splitting and stripping.

extension PythonText {
    enum Side { case both, left, right }

    /// Without the code points of `characters` (white space when nil) at its ends.
    static func strip(_ text: String, _ characters: String?, _ side: Side = .both) -> String {
        let set = characters.map { Set($0.unicodeScalars) }
        func isStripped(_ scalar: Unicode.Scalar) -> Bool {
            set.map { $0.contains(scalar) } ?? isSpace(scalar)
        }
        let scalars = text.unicodeScalars
        var start = scalars.startIndex
        var end = scalars.endIndex
        if side != .right {
            while start < end, isStripped(scalars[start]) { start = scalars.index(after: start) }
        }
        if side != .left {
            while start < end {
                let before = scalars.index(before: end)
                guard isStripped(scalars[before]) else { break }
                end = before
            }
        }
        if start == scalars.startIndex, end == scalars.endIndex { return text }
        return String(scalars[start..<end])
    }

    /// `str.split(separator)`; a negative limit splits everywhere.
    static func split(_ text: String, at separator: String, limit: Int) -> [String] {
        let bytes = Array(text.utf8)
        let searcher = PythonTextSearcher(separator)
        var parts: [String] = []
        var index = 0
        var left = limit
        while left != 0, let found = searcher.find(in: bytes, index..<bytes.count) {
            parts.append(string(bytes[index..<found]))
            index = found + searcher.needle.count
            left -= 1
        }
        parts.append(string(bytes[index...]))
        return parts
    }

    /// `str.rsplit(separator)`: the limit counts from the end.
    static func splitFromEnd(_ text: String, at separator: String, limit: Int) -> [String] {
        let bytes = Array(text.utf8)
        let searcher = PythonTextSearcher(separator, backward: true)
        var parts: [String] = []
        var end = bytes.count
        var left = limit
        while left != 0, let found = searcher.find(in: bytes, 0..<end) {
            parts.append(string(bytes[(found + searcher.needle.count)..<end]))
            end = found
            left -= 1
        }
        parts.append(string(bytes[..<end]))
        return parts.reversed()
    }

    /// `str.split()`: at runs of white space, without empty parts.
    static func words(_ text: String, limit: Int) -> [String] {
        let scalars = text.unicodeScalars
        var parts: [String] = []
        var index = scalars.startIndex
        while true {
            while index < scalars.endIndex, isSpace(scalars[index]) {
                index = scalars.index(after: index)
            }
            guard index < scalars.endIndex else { return parts }
            if parts.count == limit {
                parts.append(String(scalars[index...]))
                return parts
            }
            let start = index
            while index < scalars.endIndex, !isSpace(scalars[index]) {
                index = scalars.index(after: index)
            }
            parts.append(String(scalars[start..<index]))
        }
    }

    /// `str.rsplit()`: as `words`, but a limit leaves the front whole.
    static func wordsFromEnd(_ text: String, limit: Int) -> [String] {
        let reversed = string(text.unicodeScalars.reversed())
        return words(reversed, limit: limit).reversed().map { string($0.unicodeScalars.reversed()) }
    }

    /// `str.splitlines()`: also at the line ends that only Unicode knows.
    static func lines(_ text: String, keepingEnds: Bool = false) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        var pending = scalars.next()
        while let scalar = pending {
            pending = scalars.next()
            guard isLineEnd(scalar) else {
                line.append(scalar)
                continue
            }
            if keepingEnds { line.append(scalar) }
            if scalar == "\r", pending == "\n" {
                if keepingEnds { line.append("\n") }
                pending = scalars.next()
            }
            lines.append(String(line))
            line = String.UnicodeScalarView()
        }
        if !line.isEmpty { lines.append(String(line)) }
        return lines
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
