// Finding, replacing, counting. Searches run over UTF-8, where a match is a match of code points.

extension PythonText {
    static func contains(_ text: String, _ part: String) -> Bool {
        if part.isEmpty { return true }
        let bytes = Array(text.utf8)
        return PythonTextSearcher(part).find(in: bytes, 0..<bytes.count) != nil
    }

    static func hasPrefix(_ text: String, _ prefix: String) -> Bool {
        text.utf8.starts(with: prefix.utf8)
    }

    static func hasSuffix(_ text: String, _ suffix: String) -> Bool {
        text.utf8.count >= suffix.utf8.count
            && text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// Where `part` lies in `text[start:end]`, as a position in code points of `text`.
    static func find(
        _ part: String,
        in text: String,
        from start: Int?,
        to end: Int?,
        last: Bool
    ) -> Int? {
        let total = length(text)
        let slice = PythonSlice(start: start, stop: end, step: 1)
        let window = slice.positions(count: total)
        // Python finds an empty part even at the end, but not after it.
        if let start, start > total { return nil }
        if window.count == 0, let end, resolved(end, total) < window.start { return nil }
        let bytes = Array(self.slice(text, slice).utf8)
        let found = PythonTextSearcher(part, backward: last).find(in: bytes, 0..<bytes.count)
        return found.map { window.start + length(string(bytes[..<$0])) }
    }

    private static func resolved(_ bound: Int, _ count: Int) -> Int {
        min(max(bound < 0 ? bound + count : bound, 0), count)
    }

    /// Occurrences that do not overlap; an empty part occurs between all code points.
    static func count(_ part: String, in text: String) -> Int {
        if part.isEmpty { return length(text) + 1 }
        let bytes = Array(text.utf8)
        let searcher = PythonTextSearcher(part)
        var count = 0
        var index = 0
        while let found = searcher.find(in: bytes, index..<bytes.count) {
            count += 1
            index = found + searcher.needle.count
        }
        return count
    }

    /// `str.replace`; a negative limit replaces all.
    static func replacing(
        _ old: String,
        with new: String,
        in text: String,
        limit: Int
    ) -> String {
        if limit == 0 { return text }
        if old.isEmpty { return interleaved(new, in: text, limit: limit) }
        let bytes = Array(text.utf8)
        let searcher = PythonTextSearcher(old)
        let replacement = Array(new.utf8)
        var result: [UInt8] = []
        var index = 0
        var left = limit
        while left != 0, let found = searcher.find(in: bytes, index..<bytes.count) {
            result += bytes[index..<found]
            result += replacement
            index = found + searcher.needle.count
            left -= 1
        }
        if index == 0 { return text }
        result += bytes[index...]
        return string(result[...])
    }

    private static func interleaved(_ new: String, in text: String, limit: Int) -> String {
        var result = ""
        var left = limit
        for scalar in text.unicodeScalars {
            if left != 0 { result += new }
            left -= left == 0 ? 0 : 1
            result.unicodeScalars.append(scalar)
        }
        return left != 0 ? result + new : result
    }

    /// `str.partition` and `str.rpartition`.
    static func partition(_ text: String, at separator: String, last: Bool) -> [String] {
        let bytes = Array(text.utf8)
        let searcher = PythonTextSearcher(separator, backward: last)
        let found = searcher.find(in: bytes, 0..<bytes.count)
        guard let found else { return last ? ["", "", text] : [text, "", ""] }
        return [
            string(bytes[..<found]), separator, string(bytes[(found + searcher.needle.count)...]),
        ]
    }
}
