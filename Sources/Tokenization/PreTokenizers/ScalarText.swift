/// A fragment of text as Unicode scalars with their classes: what pre-tokenizers walk over.
struct ScalarText {
    private(set) var values: [UInt32] = []
    private(set) var classes: [ScalarClass] = []

    var count: Int { values.count }

    init() {}

    /// Scalars by their values.
    init(_ scalars: [UInt32]) {
        values = scalars
        let table = ScalarClass.basicPlane
        classes = scalars.map { value in
            value < table.count
                ? table[Int(value)]
                : Unicode.Scalar(value).map(ScalarClass.init(computing:)) ?? []
        }
    }

    /// Reads `bytes`, which must be valid UTF-8, in place of what was there.
    mutating func read(_ bytes: Span<UInt8>) {
        values.removeAll(keepingCapacity: true)
        classes.removeAll(keepingCapacity: true)
        let table = ScalarClass.basicPlane
        var index = 0
        while index < bytes.count {
            let length = utf8Length(lead: bytes[index])
            var value = UInt32(bytes[index])
            if length > 1 {
                value &= 0x7F >> UInt32(length)
                for offset in 1..<length {
                    value = value << 6 | UInt32(bytes[index + offset] & 0x3F)
                }
            }
            index += length
            values.append(value)
            if value < table.count {
                classes.append(table[Int(value)])
            } else {
                classes.append(Unicode.Scalar(value).map(ScalarClass.init(computing:)) ?? [])
            }
        }
    }

    /// How many bytes of UTF-8 the scalars of `range` take.
    func byteCount(_ range: Range<Int>) -> Int {
        var count = 0
        for index in range {
            let value = values[index]
            count += value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x1_0000 ? 3 : 4
        }
        return count
    }
}

/// How many bytes a scalar takes whose first byte in valid UTF-8 is `lead`.
func utf8Length(lead: UInt8) -> Int {
    lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
}
