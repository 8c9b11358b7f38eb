/// Makes valid UTF-8 of bytes that come in pieces: holds back a character until it is whole, and
/// puts U+FFFD for each maximal part of one that can not become whole (Unicode 17, section 3.9,
/// "U+FFFD Substitution of Maximal Subparts"), as `String(decoding:as:)` does.
struct UTF8Repair: Sendable {
    /// The begin of a character that is not whole.
    private var held: [UInt8] = []
    /// How many bytes it lacks.
    private var missing = 0
    /// The values that its next byte may have.
    private var next: ClosedRange<UInt8> = 0x80...0xBF

    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// The valid UTF-8 that `bytes` complete.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var valid: [UInt8] = []
        for byte in bytes {
            if missing > 0 {
                if next.contains(byte) {
                    held.append(byte)
                    missing -= 1
                    next = 0x80...0xBF
                    if missing == 0 {
                        valid += held
                        held.removeAll(keepingCapacity: true)
                    }
                    continue
                }
                valid += finish()
            }
            begin(byte, &valid)
        }
        return valid
    }

    /// What stands for a character that did not become whole.
    mutating func finish() -> [UInt8] {
        guard missing > 0 else { return [] }
        held.removeAll(keepingCapacity: true)
        missing = 0
        return Self.replacement
    }

    /// Well-formed sequences are those of table 3-7 of the standard.
    private mutating func begin(_ lead: UInt8, _ valid: inout [UInt8]) {
        switch lead {
        case 0x00...0x7F:
            valid.append(lead)
            return
        case 0xC2...0xDF: (missing, next) = (1, 0x80...0xBF)
        case 0xE0: (missing, next) = (2, 0xA0...0xBF)
        case 0xED: (missing, next) = (2, 0x80...0x9F)
        case 0xE1...0xEF: (missing, next) = (2, 0x80...0xBF)
        case 0xF0: (missing, next) = (3, 0x90...0xBF)
        case 0xF1...0xF3: (missing, next) = (3, 0x80...0xBF)
        case 0xF4: (missing, next) = (3, 0x80...0x8F)
        default:
            valid += Self.replacement
            return
        }
        held.append(lead)
    }
}
