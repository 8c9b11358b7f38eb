/// How `tokenizer.json` cuts a normalized text into the words that tokens do not cross: its
/// pre-tokenizers. Some change the text on the way.
indirect enum TextSplitter: Sendable {
    case sequence([TextSplitter])
    case split(Pattern, SplitBehavior, isInverted: Bool)
    /// Spells bytes in GPT-2's alphabet, after cutting as GPT-2 does if `cuts`.
    case byteLevel(addsSpace: Bool, cuts: Bool)
    case metaspace(mark: UInt32, MetaspacePrefix, cuts: Bool)

    /// Where a space is put before a text, so that its first word is like any other.
    enum MetaspacePrefix: String, Sendable { case always, first, never }

    /// What a text is cut at.
    enum Pattern: Sendable {
        case replacement(ReplacementPattern)
        /// The words of a pre-tokenizer by hand, whose expression this is.
        case words(PreTokenizer)
        /// Each scalar of a set by itself.
        case set(ScalarSet)
        /// Pieces of so many scalars, one after the other.
        case lengths(Int)
    }

    /// The words of `text`, none of them empty, after changes. `isFirst` says whether `text` begins
    /// the whole text.
    func words(of text: [UInt32], isFirst: Bool) -> [[UInt32]] {
        guard !text.isEmpty else { return [] }
        switch self {
        case .sequence(let steps):
            var words = [text]
            for step in steps {
                var next: [[UInt32]] = []
                for (index, word) in words.enumerated() {
                    next += step.words(of: word, isFirst: isFirst && index == 0)
                }
                words = next
            }
            return words
        case .split(let pattern, let behavior, let isInverted):
            return behavior.pieces(of: text.count, pattern.matches(in: text), isInverted)
                .map { Array(text[$0]) }
        case .byteLevel(let addsSpace, let cuts):
            let text = addsSpace && text[0] != 0x20 ? [0x20] + text : text
            guard cuts else { return [ByteAlphabet.spelled(text)] }
            return Pattern.words(.gpt2).matches(in: text).map { ByteAlphabet.spelled(text[$0]) }
        case .metaspace(let mark, let prefix, let cuts):
            return Self.marked(text, mark, prefix, isFirst: isFirst, cuts: cuts)
        }
    }

    private static func marked(
        _ text: [UInt32],
        _ mark: UInt32,
        _ prefix: MetaspacePrefix,
        isFirst: Bool,
        cuts: Bool
    ) -> [[UInt32]] {
        var text = text.map { $0 == 0x20 ? mark : $0 }
        if prefix == .always || (prefix == .first && isFirst), text[0] != mark {
            text.insert(mark, at: 0)
        }
        guard cuts else { return [text] }
        let marks = text.indices.filter { text[$0] == mark }.map { $0..<$0 + 1 }
        return SplitBehavior.mergedWithNext.pieces(of: text.count, marks, false)
            .map { Array(text[$0]) }
    }
}

extension TextSplitter.Pattern {
    func matches(in text: [UInt32]) -> [Range<Int>] {
        switch self {
        case .replacement(let pattern): return pattern.matches(in: text)
        case .set(let set):
            return text.indices.filter { set.contains(text[$0]) }.map { $0..<$0 + 1 }
        case .lengths(let length):
            return stride(from: 0, to: text.count, by: length)
                .map { $0..<min($0 + length, text.count) }
        case .words(let preTokenizer):
            let scalars = ScalarText(text)
            var words: [Range<Int>] = []
            var start = 0
            while start < scalars.count {
                let end = preTokenizer.wordEnd(scalars, start)
                words.append(start..<end)
                start = end
            }
            return words
        }
    }
}

/// What becomes of the matches that a text is cut at.
enum SplitBehavior: String, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    /// The pieces of a text of `count` scalars, in order; none is empty.
    func pieces(of count: Int, _ matches: [Range<Int>], _ isInverted: Bool) -> [Range<Int>] {
        var parts: [(range: Range<Int>, isMatch: Bool)] = []
        var start = 0
        for match in matches {
            if start < match.lowerBound { parts.append((start..<match.lowerBound, isInverted)) }
            parts.append((match, !isInverted))
            start = match.upperBound
        }
        if start < count { parts.append((start..<count, isInverted)) }
        switch self {
        case .isolated: return parts.map(\.range)
        case .removed: return parts.filter { !$0.isMatch }.map(\.range)
        case .contiguous: return Self.joined(parts) { $0.isMatch == $1.isMatch }
        // A match joins what is before it, but for one that follows a match.
        case .mergedWithPrevious: return Self.joined(parts) { !$0.isMatch && $1.isMatch }
        case .mergedWithNext:
            return Self.joined(parts) { $0.isMatch && !$1.isMatch }
        }
    }

    private static func joined(
        _ parts: [(range: Range<Int>, isMatch: Bool)],
        _ belong: ((range: Range<Int>, isMatch: Bool), (range: Range<Int>, isMatch: Bool)) -> Bool
    ) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        for (index, part) in parts.enumerated() {
            if index > 0, belong(parts[index - 1], part), let last = pieces.popLast() {
                pieces.append(last.lowerBound..<part.range.upperBound)
            } else {
                pieces.append(part.range)
            }
        }
        return pieces
    }
}

extension PreTokenizer {
    /// The words of a text that is cut at every match of an expression; for tests.
    package static func words(
        of text: String,
        splitAt expression: String
    ) throws -> [String] {
        let pattern = TextSplitter.Pattern.replacement(.expression(try Expression(expression)))
        let scalars = text.unicodeScalars.map(\.value)
        return TextSplitter.split(pattern, .isolated, isInverted: false)
            .words(of: scalars, isFirst: true)
            .map { String(scalars: $0[...]) }
    }
}
