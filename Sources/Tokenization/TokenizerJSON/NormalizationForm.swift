import Foundation

/// Unicode's normalization forms (UAX #15), of scalars. Foundation's leave a Hangul syllable and a
/// final consonant apart, and do not order or compose what compatibility mappings bring together.
enum NormalizationForm: String, Sendable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"

    func callAsFunction(_ text: [UInt32]) -> [UInt32] {
        // ASCII is the same in every form.
        guard text.contains(where: { $0 >= 0x80 }) else { return text }
        let mappings = self == .nfc || self == .nfd ? Decompositions.canonical : .compatibility
        let ordered = Self.ordered(text.flatMap { mappings[$0] })
        return self == .nfd || self == .nfkd ? ordered.map(\.scalar) : Self.composed(ordered)
    }

    /// A scalar with its canonical combining class, which is 0 for all but marks.
    private typealias Classified = (scalar: UInt32, order: UInt8)

    /// Sorts each run of marks by their classes; those of one class stay as they are.
    private static func ordered(_ scalars: [UInt32]) -> [Classified] {
        var result = scalars.map { ($0, Self.combiningClass($0)) as Classified }
        var start = 0
        while start < result.count {
            var end = start
            while end < result.count, result[end].order != 0 { end += 1 }
            if end - start > 1 { result[start..<end].sort { $0.order < $1.order } }
            start = max(end, start) + 1
        }
        return result
    }

    private static func combiningClass(_ scalar: UInt32) -> UInt8 {
        guard scalar >= 0x300, let scalar = Unicode.Scalar(scalar) else { return 0 }
        return scalar.properties.canonicalCombiningClass.rawValue
    }

    /// Puts each scalar together with the last that is no mark, unless one between has no lower
    /// class.
    private static func composed(_ text: [Classified]) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(text.count)
        var base: Int?
        var last = -1
        for (scalar, order) in text {
            if let base, last < order, let composite = Composites.of(result[base], scalar) {
                result[base] = composite
                continue
            }
            last = Int(order)
            if order == 0 { (base, last) = (result.count, -1) }
            result.append(scalar)
        }
        return result
    }
}

/// What single scalars become in the forms NFD and NFKD.
private struct Decompositions: Sendable {
    private let mappings: [UInt32: [UInt32]]

    static let canonical = Decompositions(scalars.decomposedStringWithCanonicalMapping)
    static let compatibility = Decompositions(scalars.decomposedStringWithCompatibilityMapping)

    /// Every scalar that may have a mapping, with a line break between each two. Unified ideographs
    /// and private scalars have none; Hangul is computed.
    fileprivate static let scalars: String = {
        let ranges: [Range<UInt32>] = [
            0xA0..<0x3400, 0xA000..<0xAC00, 0xF900..<0x1_FC00, 0x2_F800..<0x2_FA20,
        ]
        var text = String.UnicodeScalarView()
        for value in ranges.joined() {
            if let scalar = Unicode.Scalar(value) { text.append(contentsOf: [scalar, "\n"]) }
        }
        return String(text)
    }()

    /// From `scalars` after a normalization.
    private init(_ normalized: String) {
        var mappings: [UInt32: [UInt32]] = [:]
        let pairs = zip(Self.scalars.lines, normalized.lines)
        for (scalar, mapping) in pairs where mapping != scalar { mappings[scalar[0]] = mapping }
        self.mappings = mappings
    }

    subscript(scalar: UInt32) -> [UInt32] {
        Hangul.decomposed(scalar) ?? (scalar < 0xA0 ? [scalar] : mappings[scalar] ?? [scalar])
    }

    /// The scalars with a mapping that are themselves in NFC, shortest mappings first.
    static let composites: [(scalar: UInt32, mapping: [UInt32])] = {
        let pairs = zip(scalars.lines, scalars.precomposedStringWithCanonicalMapping.lines)
        return pairs.filter { $0 == $1 && canonical[$0[0]].count > 1 }
            .map { ($0.0[0], canonical[$0.0[0]]) }.sorted { $0.mapping.count < $1.mapping.count }
    }()
}

/// From two scalars the one that they compose to.
private enum Composites {
    private static let pairs: [UInt64: UInt32] = {
        var pairs: [UInt64: UInt32] = [:]
        for (scalar, mapping) in Decompositions.composites {
            // What is before the last scalar composes by itself, and has come already.
            let inner = mapping[1..<(mapping.count - 1)]
            let front = inner.reduce(Optional(mapping[0])) { front, next in
                front.flatMap { pairs[key($0, next)] }
            }
            if let front, let last = mapping.last { pairs[key(front, last)] = scalar }
        }
        return pairs
    }()

    private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 {
        UInt64(first) << 32 | UInt64(second)
    }

    static func of(_ first: UInt32, _ second: UInt32) -> UInt32? {
        guard second >= 0x300 else { return nil }
        return Hangul.composed(first, second) ?? pairs[key(first, second)]
    }
}

/// Syllables of an initial, a vowel and maybe a final, in the order of a three-digit number.
private enum Hangul {
    private static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
    private static let initial: UInt32 = 0x1100
    private static let vowel: UInt32 = 0x1161
    private static let final: UInt32 = 0x11A7

    static func decomposed(_ scalar: UInt32) -> [UInt32]? {
        guard syllables.contains(scalar) else { return nil }
        let number = scalar - syllables.lowerBound
        let pair = [initial + number / 588, vowel + number % 588 / 28]
        return number % 28 == 0 ? pair : pair + [final + number % 28]
    }

    static func composed(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if (initial..<initial + 19).contains(first), (vowel..<vowel + 21).contains(second) {
            return syllables.lowerBound + ((first - initial) * 21 + second - vowel) * 28
        }
        guard syllables.contains(first), (first - syllables.lowerBound) % 28 == 0,
            (final + 1..<final + 28).contains(second)
        else { return nil }
        return first + second - final
    }
}

extension String {
    /// The scalars between line breaks.
    fileprivate var lines: [[UInt32]] {
        unicodeScalars.split(separator: "\n").map { $0.map(\.value) }
    }
}
