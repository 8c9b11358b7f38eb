/// How JSON's pieces are written, as expressions over bytes.
enum JSONText {
    /// One character of a string, of `set`, in the way that needs the fewest bytes: escaped only
    /// where it must be. Where two spellings of a text would be two texts to the automaton (keys
    /// that must differ, patterns), this is the only one.
    static func character(in set: ScalarSet) -> Expression {
        let plain = set.subtracting(mustEscape)
        var choices = plain.ranges.isEmpty ? [] : [plain.utf8]
        for range in mustEscape.ranges {
            for value in range where set.contains(value) {
                choices.append(.literal(escape(UInt8(value))))
            }
        }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    /// One character of a string in any of its spellings; halves of surrogate pairs only together.
    static var anyCharacter: Expression {
        let low = Expression.sequence([
            .text("\\u"), .bytes([ByteRange("D"), ByteRange("d")]),
            .bytes([ByteRange("C", "F"), ByteRange("c", "f")]), hex, hex,
        ])
        let escape = Expression.choice([
            .bytes("\"\\/bfnrt".utf8.map { ByteRange($0) }),
            .sequence([
                .text("u"),
                .choice([
                    .sequence([
                        .bytes([
                            ByteRange("0", "9"), ByteRange("A", "C"), ByteRange("E", "F"),
                            ByteRange("a", "c"), ByteRange("e", "f"),
                        ]), hex, hex, hex,
                    ]),
                    .sequence([
                        .bytes([ByteRange("D"), ByteRange("d")]), .bytes([ByteRange("0", "7")]),
                        hex, hex,
                    ]),
                    .sequence([
                        .bytes([ByteRange("D"), ByteRange("d")]),
                        .bytes([ByteRange("8", "9"), ByteRange("A", "B"), ByteRange("a", "b")]),
                        hex, hex, low,
                    ]),
                ]),
            ]),
        ])
        return .choice([
            ScalarSet.all.subtracting(mustEscape).utf8, .sequence([.text("\\"), escape]),
        ])
    }

    private static var hex: Expression {
        .bytes([ByteRange("0", "9"), ByteRange("A", "F"), ByteRange("a", "f")])
    }

    /// The bytes of a string between its quotes, as `character(in:)` writes them.
    static func escaped(_ text: String) -> [UInt8] {
        text.utf8.flatMap { mustEscape.contains(UInt32($0)) ? escape($0) : [$0] }
    }

    private static let mustEscape = ScalarSet([0...0x1F, 0x22...0x22, 0x5C...0x5C])

    private static func escape(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x08: return Array(#"\b"#.utf8)
        case 0x09: return Array(#"\t"#.utf8)
        case 0x0A: return Array(#"\n"#.utf8)
        case 0x0C: return Array(#"\f"#.utf8)
        case 0x0D: return Array(#"\r"#.utf8)
        case 0x22, 0x5C: return [0x5C, byte]
        default:
            let digits = String(byte, radix: 16)
            return Array((#"\u00"# + (digits.count < 2 ? "0" : "") + digits).utf8)
        }
    }

    /// A number without bounds: at most 16 digits before and after the point and two of exponent,
    /// so that it can be read everywhere and cannot go on for ever.
    static var number: Expression {
        let digit = Expression.bytes([ByteRange("0", "9")])
        let whole = Expression.choice([
            .text("0"),
            .sequence([
                .bytes([ByteRange("1", "9")]), .repeated(digit, minimum: 0, maximum: 15),
            ]),
        ])
        let fraction = Expression.sequence([
            .text("."), .repeated(digit, minimum: 1, maximum: 16),
        ])
        let exponent = Expression.sequence([
            .bytes([ByteRange("E"), ByteRange("e")]),
            .optional(.bytes([ByteRange("+"), ByteRange("-")])),
            .repeated(digit, minimum: 1, maximum: 2),
        ])
        return .sequence([
            .optional(.text("-")), whole, .optional(fraction), .optional(exponent),
        ])
    }

    /// What may stand between two tokens: nothing, a space, or a line end with its indentation. It
    /// has a length limit, or a model could write spaces for ever.
    static var space: Expression {
        .optional(
            .choice([
                .text(" "),
                .sequence([
                    .text("\n"),
                    .choice([
                        .repeated(.text(" "), minimum: 0, maximum: 32),
                        .repeated(.text("\t"), minimum: 1, maximum: 8),
                    ]),
                ]),
            ])
        )
    }
}
