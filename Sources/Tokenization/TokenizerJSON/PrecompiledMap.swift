import Foundation

/// What SentencePiece normalizes by: a map from texts to texts, in a trie that a file holds as one
/// array (darts-clone; Aoe 1989). A unit is a node: bits 0 to 7 its label, 8 whether a text ends
/// there, 9 and 10 upwards the offset to its children; a leaf holds the place of the replacement.
struct PrecompiledMap: Sendable {
    private let units: [UInt32]
    /// Replacements, each ended by a zero.
    private let replacements: [UInt8]

    /// The file's `precompiled_charsmap` in base64: the trie's byte count in four bytes, the trie,
    /// the replacements. Nil when it is none; what leads out of the array leads nowhere.
    init?(base64 text: String) {
        guard let data = Data(base64Encoded: text), data.count >= 4 else { return nil }
        let bytes = [UInt8](data)
        func unit(at index: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
        }
        let count = Int(unit(at: 0))
        guard count > 0, count.isMultiple(of: 4), count <= bytes.count - 4 else { return nil }
        units = stride(from: 4, to: 4 + count, by: 4).map(unit(at:))
        replacements = Array(bytes[(4 + count)...])
        guard String(validating: replacements, as: UTF8.self) != nil else { return nil }
    }

    /// As Hugging Face's tokenizers do, whatever a short character (as a reader counts) begins with
    /// replaces all of it; else its scalars are looked up one by one.
    func callAsFunction(_ text: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(text.count)
        for character in String(scalars: text[...]) {
            if character.utf8.count < 6, let found = replacement(of: Array(character.utf8)) {
                result += found
                continue
            }
            for scalar in character.unicodeScalars {
                result += replacement(of: Array(String(scalar).utf8)) ?? [scalar.value]
            }
        }
        return result
    }

    /// The replacement of the shortest entry that `text` begins with.
    private func replacement(of text: [UInt8]) -> [UInt32]? {
        var node = offset(of: units[0])
        for byte in text {
            node ^= Int(byte)
            guard byte != 0, node < units.count else { return nil }
            let unit = units[node]
            guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
            node ^= offset(of: unit)
            if unit >> 8 & 1 == 1 {
                guard node < units.count else { return nil }
                let start = Int(units[node] & 0x7FFF_FFFF)
                guard start <= replacements.count else { return nil }
                let bytes = replacements[start...].prefix { $0 != 0 }
                return String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
            }
        }
        return nil
    }

    private func offset(of unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
