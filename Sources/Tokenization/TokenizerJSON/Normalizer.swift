/// What `tokenizer.json` does to a text before it is cut into words. Each works on scalars.
indirect enum Normalizer: Sendable {
    case sequence([Normalizer])
    case form(NormalizationForm)
    case lowercase
    /// Removes white space at the ends.
    case strip(left: Bool, right: Bool)
    /// Removes what is a mark by itself.
    case stripAccents
    case prepend([UInt32])
    case replace(ReplacementPattern, with: [UInt32])
    /// Spells each byte in GPT-2's alphabet.
    case byteLevel
    /// Removes control characters and makes white space of what SentencePiece's training did.
    case nmt
    case bert(BertNormalizer)
    case precompiled(PrecompiledMap)

    func callAsFunction(_ text: [UInt32]) -> [UInt32] {
        switch self {
        case .sequence(let steps): return steps.reduce(text) { $1($0) }
        case .form(let form): return form(text)
        case .lowercase:
            return text.flatMap { scalar -> [UInt32] in
                if scalar < 0x80 { return [0x41...0x5A ~= scalar ? scalar + 0x20 : scalar] }
                let mapping = Unicode.Scalar(scalar)?.properties.lowercaseMapping ?? ""
                return mapping.unicodeScalars.map(\.value)
            }
        case .strip(let left, let right):
            var rest = text[...]
            while left, let first = rest.first, NamedSets.space.contains(first) {
                rest = rest.dropFirst()
            }
            while right, let last = rest.last, NamedSets.space.contains(last) {
                rest = rest.dropLast()
            }
            return Array(rest)
        case .stripAccents: return text.filter { !Self.accents.contains($0) }
        case .prepend(let prefix): return text.isEmpty ? text : prefix + text
        case .replace(let pattern, let replacement):
            return Self.replaced(text, pattern.matches(in: text), replacement)
        case .byteLevel: return ByteAlphabet.spelled(text)
        case .bert(let normalizer): return normalizer(text)
        case .precompiled(let map): return map(text)
        case .nmt:
            return text.filter { !Self.nmtRemoved($0) }.map {
                Self.nmtSpaces.contains($0) ? 0x20 : $0
            }
        }
    }

    private static func replaced(
        _ text: [UInt32],
        _ matches: [Range<Int>],
        _ replacement: [UInt32]
    ) -> [UInt32] {
        guard !matches.isEmpty else { return text }
        var result: [UInt32] = []
        result.reserveCapacity(text.count)
        var start = 0
        for match in matches {
            result += text[start..<match.lowerBound]
            result += replacement
            start = match.upperBound
        }
        return result + text[start...]
    }

    private static let accents = ScalarSet([.categories(GeneralCategories.mask("M") ?? 0)])

    /// What SentencePiece's `nmt` rules take away, and what they take for a space.
    private static func nmtRemoved(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x1...0x8, 0xB, 0xE...0x1F, 0x7F, 0x8F, 0x9F: true
        default: false
        }
    }

    private static let nmtSpaces: Set<UInt32> = [
        0x9, 0xA, 0xC, 0xD, 0x1680, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x2581,
        0xFEFF, 0xFFFD,
    ]
}

/// What is looked for in a text: the text itself, or an expression.
enum ReplacementPattern: Sendable {
    case text([UInt32])
    case expression(Expression)

    /// The matches that are not empty, from left to right.
    func matches(in text: [UInt32]) -> [Range<Int>] {
        switch self {
        case .expression(let expression): return expression.matches(in: text)
        case .text(let wanted):
            guard let first = wanted.first else { return [] }
            var found: [Range<Int>] = []
            var start = 0
            while start + wanted.count <= text.count {
                if text[start] == first, text[start..<start + wanted.count].elementsEqual(wanted) {
                    found.append(start..<start + wanted.count)
                    start += wanted.count
                } else {
                    start += 1
                }
            }
            return found
        }
    }
}

extension String {
    init(scalars: ArraySlice<UInt32>) {
        var view = UnicodeScalarView()
        for value in scalars { if let scalar = Unicode.Scalar(value) { view.append(scalar) } }
        self.init(view)
    }
}
