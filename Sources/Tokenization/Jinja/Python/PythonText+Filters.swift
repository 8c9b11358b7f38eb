// What Jinja's own filters do to text.

extension PythonText {
    static func escapedForHTML(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "'": result += "&#39;"
            case "\"": result += "&#34;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Without `<…>` and comments, white space collapsed, the five common entities resolved.
    static func withoutTags(_ text: String) -> String {
        var kept = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "<") {
            let isComment = rest[open...].hasPrefix("<!--")
            let end = isComment ? "-->" : ">"
            guard let close = rest[open...].range(ofText: end) else { break }
            kept += rest[..<open]
            rest = rest[close...]
        }
        let plain = words(kept + rest, limit: -1).joined(separator: " ")
        var result = plain
        for (entity, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&#34;", "\""), ("&quot;", "\""),
            ("&amp;", "&"),
        ] {
            result = replacing(entity, with: character, in: result, limit: -1)
        }
        return result
    }

    /// How many runs of `\w` there are.
    static func wordCount(_ text: String) -> Int {
        var count = 0
        var isInWord = false
        for scalar in text.unicodeScalars {
            let isWord = scalar == "_" || isAlphanumeric(scalar)
            if isWord && !isInWord { count += 1 }
            isInWord = isWord
        }
        return count
    }

    static func indented(
        _ lines: [String],
        by indentation: String,
        first: Bool,
        blank: Bool
    ) -> String {
        var result = first ? indentation : ""
        for (index, line) in lines.enumerated() {
            if index > 0 {
                result += "\n"
                if blank || !line.isEmpty { result += indentation }
            }
            result += line
        }
        return result
    }

    /// Cut so that it has `size` code points with `end`, at a space if it keeps words.
    static func truncated(
        _ text: String,
        to size: Int,
        end: String,
        keepingWords: Bool
    ) -> String {
        let start = string(text.unicodeScalars.prefix(size - length(end)))
        if !keepingWords { return start + end }
        return splitFromEnd(start, at: " ", limit: 1)[0] + end
    }

    /// `urllib.parse.quote`; in queries `/` is quoted too and a space becomes `+`.
    static func percentEncoded(_ text: String, inQuery: Bool) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case 0x2F where !inQuery: result += "/"
            case 0x20 where inQuery: result += "+"
            default: result += "%" + hex(UInt32(byte), digits: 2).uppercased()
            }
        }
        return result
    }

    /// Every line broken at spaces so that it fits `width`; longer words are cut.
    static func wrapped(_ text: String, to width: Int) -> String {
        lines(text).map { wrappedLine($0, to: width) }.joined(separator: "\n")
    }

    private static func wrappedLine(_ line: String, to width: Int) -> String {
        var result: [String] = []
        var current = ""
        for word in words(line, limit: -1) {
            var rest = word
            if !current.isEmpty, length(current) + 1 + length(rest) > width {
                result.append(current)
                current = ""
            }
            while length(rest) > width {
                result.append(string(rest.unicodeScalars.prefix(width)))
                rest = string(rest.unicodeScalars.dropFirst(width))
            }
            current += current.isEmpty ? rest : " " + rest
        }
        result.append(current)
        return result.joined(separator: "\n")
    }
}

extension Substring {
    /// Where the first occurrence of `part` ends.
    fileprivate func range(ofText part: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(part) { return self.index(index, offsetBy: part.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
