/// GPT-2's alphabet: each of the 256 bytes written as one printable scalar, so that a vocabulary of
/// byte strings can be spelled as text (a space is `Ġ`, a newline is `Ċ`).
///
/// The printable characters of Latin-1 stand for themselves; the other 68 bytes are, in order, the
/// scalars from U+0100 (Radford et al. 2019, `bytes_to_unicode` in the GPT-2 release).
enum ByteAlphabet {
    /// The byte that a scalar stands for: 0 to 255 by scalar value, -1 where it stands for none.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x100 + 68)
        var substitute = 0x100
        for byte in 0..<256 {
            if isPrintable(byte) {
                bytes[byte] = Int16(byte)
            } else {
                bytes[substitute] = Int16(byte)
                substitute += 1
            }
        }
        return bytes
    }()

    /// The scalar that stands for each byte.
    private static let scalars: [UInt32] = {
        var scalars = [UInt32](repeating: 0, count: 256)
        for (scalar, byte) in bytes.enumerated() where byte >= 0 {
            scalars[Int(byte)] = UInt32(scalar)
        }
        return scalars
    }()

    /// The bytes of a text in UTF-8, each spelled as one scalar.
    static func spelled(_ text: some Collection<UInt32>) -> [UInt32] {
        var spelled: [UInt32] = []
        spelled.reserveCapacity(text.count)
        for value in text {
            if value < 0x80 {
                spelled.append(scalars[Int(value)])
            } else if let scalar = Unicode.Scalar(value) {
                for byte in Character(scalar).utf8 {
                    spelled.append(scalars[Int(byte)])
                }
            }
        }
        return spelled
    }

    private static func isPrintable(_ byte: Int) -> Bool {
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
    }

    /// The bytes that `text` spells, or nil when a scalar of it stands for none.
    static func bytes(spelledBy text: String) -> [UInt8]? {
        var spelled: [UInt8] = []
        spelled.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            guard scalar.value < bytes.count, bytes[Int(scalar.value)] >= 0 else { return nil }
            spelled.append(UInt8(bytes[Int(scalar.value)]))
        }
        return spelled
    }
}
