/// Source to tokens, with the whitespace control of Hugging Face's environment: `trim_blocks` (the
/// newline after a tag or comment goes) and `lstrip_blocks` (so does the indentation before one);
/// `-` strips more, `+` strips less. As in Jinja, line ends become `\n` and the last one goes.
package struct JinjaLexer {
    package let source: [Unicode.Scalar]
    var position = 0
    var tokens: [JinjaToken] = []
    /// Whether the text from `position` on begins a line, which decides about its indentation.
    private var isAtLineStart = true

    package init(_ text: String) {
        source = Self.normalized(text)
    }

    package static func tokens(of text: String) throws(JinjaError) -> [JinjaToken] {
        var lexer = JinjaLexer(text)
        return try lexer.run()
    }

    package mutating func run() throws(JinjaError) -> [JinjaToken] {
        while position < source.count { try scanTextAndTag() }
        emit(.end, at: source.count)
        return tokens
    }

    mutating func emit(_ kind: JinjaToken.Kind, at offset: Int) {
        tokens.append(JinjaToken(kind: kind, offset: offset))
    }

    func failure(_ message: String, at offset: Int) -> JinjaError {
        JinjaFault(.syntax, message).located(at: offset, in: source)
    }

    func scalar(at index: Int) -> Unicode.Scalar? {
        index < source.count ? source[index] : nil
    }

    func text(_ range: Range<Int>) -> String {
        PythonText.string(source[range])
    }

    private static func normalized(_ text: String) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if scalar == "\r" {
                scalars.append("\n")
            } else if !(scalar == "\n" && previous == "\r") {
                scalars.append(scalar)
            }
            previous = scalar
        }
        if scalars.last == "\n" { scalars.removeLast() }
        return scalars
    }
}

// MARK: - Text between tags

extension JinjaLexer {
    private enum Opening { case output, tag, comment }

    /// One stretch of text and the tag that ends it.
    private mutating func scanTextAndTag() throws(JinjaError) {
        let start = position
        guard let (begin, opening) = nextOpening(from: start) else {
            emit(.text(text(start..<source.count)), at: start)
            position = source.count
            return
        }
        var inside = begin + 2
        let sign = stripSign(at: inside)
        if sign != nil { inside += 1 }
        let end = endOfText(start..<begin, before: opening, sign: sign)
        if start < end { emit(.text(text(start..<end)), at: start) }

        position = inside
        isAtLineStart = false
        switch opening {
        case .comment: try skipComment(from: begin)
        case .output: try scanOutput(from: begin)
        case .tag:
            if let body = rawBody(from: inside) {
                try scanRaw(body, from: begin)
            } else {
                try scanTag(from: begin)
            }
        }
    }

    private func nextOpening(from start: Int) -> (Int, Opening)? {
        var index = start
        while index + 1 < source.count {
            if source[index] == "{" {
                switch source[index + 1] {
                case "{": return (index, .output)
                case "%": return (index, .tag)
                case "#": return (index, .comment)
                default: break
                }
            }
            index += 1
        }
        return nil
    }

    private func stripSign(at index: Int) -> Unicode.Scalar? {
        guard let sign = scalar(at: index), sign == "-" || sign == "+" else { return nil }
        return sign
    }

    /// Where the text before a tag ends once its whitespace control is applied.
    private func endOfText(
        _ range: Range<Int>,
        before opening: Opening,
        sign: Unicode.Scalar?
    ) -> Int {
        if sign == "-" {
            var end = range.upperBound
            while end > range.lowerBound, PythonText.isSpace(source[end - 1]) { end -= 1 }
            return end
        }
        if sign == "+" || opening == .output { return range.upperBound }
        var lineStart = range.upperBound
        while lineStart > range.lowerBound, source[lineStart - 1] != "\n" {
            guard PythonText.isSpace(source[lineStart - 1]) else { return range.upperBound }
            lineStart -= 1
        }
        let begins = lineStart > range.lowerBound || isAtLineStart
        return begins ? lineStart : range.upperBound
    }

    /// Steps over the end of a tag at `position` and the whitespace it takes with it. Returns
    /// false where no end is.
    mutating func skipEnd(_ first: Unicode.Scalar, trimsNewline: Bool) -> Bool {
        var index = position
        let sign = stripSign(at: index)
        if sign == "+" && !trimsNewline { return false }
        if sign != nil { index += 1 }
        guard scalar(at: index) == first, scalar(at: index + 1) == "}" else { return false }
        index += 2
        if sign == "-" {
            while let next = scalar(at: index), PythonText.isSpace(next) { index += 1 }
        } else if sign == nil, trimsNewline, scalar(at: index) == "\n" {
            index += 1
        }
        position = index
        isAtLineStart = source[index - 1] == "\n"
        return true
    }

    private mutating func skipComment(from begin: Int) throws(JinjaError) {
        while position < source.count {
            if skipEnd("#", trimsNewline: true) { return }
            position += 1
        }
        throw failure("this comment never ends: add '#}'", at: begin)
    }

    /// Where the raw text begins if the tag at `inside` is `raw`.
    private func rawBody(from inside: Int) -> Int? {
        var index = inside
        guard skipWord("raw", at: &index) else { return nil }
        let sign = scalar(at: index)
        if sign == "-" { index += 1 }
        guard scalar(at: index) == "%", scalar(at: index + 1) == "}" else { return nil }
        index += 2
        if sign == "-" {
            while let next = scalar(at: index), PythonText.isSpace(next) { index += 1 }
        }
        return index
    }

    private func skipWord(_ word: String, at index: inout Int) -> Bool {
        while let next = scalar(at: index), PythonText.isSpace(next) { index += 1 }
        for expected in word.unicodeScalars {
            guard scalar(at: index) == expected else { return false }
            index += 1
        }
        while let next = scalar(at: index), PythonText.isSpace(next) { index += 1 }
        return true
    }

    private mutating func scanRaw(_ body: Int, from begin: Int) throws(JinjaError) {
        isAtLineStart = source[body - 1] == "\n"
        var index = body
        while index + 1 < source.count {
            if source[index] == "{", source[index + 1] == "%" {
                var inside = index + 2
                let sign = stripSign(at: inside)
                if sign != nil { inside += 1 }
                if skipWord("endraw", at: &inside) {
                    let end = endOfText(body..<index, before: .tag, sign: sign)
                    position = inside
                    if skipEnd("%", trimsNewline: true) {
                        if body < end { emit(.text(text(body..<end)), at: body) }
                        return
                    }
                }
            }
            index += 1
        }
        throw failure("this raw block never ends: add '{% endraw %}'", at: begin)
    }
}
