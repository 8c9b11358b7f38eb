/// Finds a byte sequence in linear time whatever the texts are (Knuth, Morris and Pratt 1977): a
/// naive search takes minutes where a client sends a megabyte of the right letters.
struct PythonTextSearcher {
    let needle: [UInt8]
    private let isBackward: Bool
    /// For every prefix of the needle (suffix, when backward) the length of its longest border: how
    /// much of a match survives a mismatch.
    private let borders: [Int]

    init(_ text: String, backward: Bool = false) {
        let needle = Array(text.utf8)
        self.needle = needle
        isBackward = backward
        let pattern = backward ? needle.reversed() : needle
        var borders = Array(repeating: 0, count: pattern.count)
        var length = 0
        for index in pattern.indices.dropFirst() {
            while length > 0, pattern[index] != pattern[length] { length = borders[length - 1] }
            if pattern[index] == pattern[length] { length += 1 }
            borders[index] = length
        }
        self.borders = borders
    }

    /// Where the needle begins in `bytes[range]`: its first occurrence, or its last when backward.
    func find(in bytes: [UInt8], _ range: Range<Int>) -> Int? {
        if needle.isEmpty { return isBackward ? range.upperBound : range.lowerBound }
        return isBackward ? findLast(in: bytes, range) : findFirst(in: bytes, range)
    }

    private func findFirst(in bytes: [UInt8], _ range: Range<Int>) -> Int? {
        var matched = 0
        for index in range {
            let byte = bytes[index]
            while matched > 0, byte != needle[matched] { matched = borders[matched - 1] }
            if byte == needle[matched] { matched += 1 }
            if matched == needle.count { return index - matched + 1 }
        }
        return nil
    }

    private func findLast(in bytes: [UInt8], _ range: Range<Int>) -> Int? {
        let last = needle.count - 1
        var matched = 0
        for index in range.reversed() {
            let byte = bytes[index]
            while matched > 0, byte != needle[last - matched] { matched = borders[matched - 1] }
            if byte == needle[last - matched] { matched += 1 }
            if matched == needle.count { return index }
        }
        return nil
    }
}
