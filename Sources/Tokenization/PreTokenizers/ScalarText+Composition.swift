extension ScalarText {
    /// Whether this surely is in Unicode's form NFC: no scalar changes there, whatever is beside
    /// it. False does not mean that one does.
    var isSurelyComposed: Bool {
        values.allSatisfy { value in
            value < 0x300 || Self.unchanging.contains { $0.contains(value) }
        }
    }

    /// What most texts consist of, of what has class 0, does not decompose and composes with
    /// nothing before it.
    private static let unchanging: [ClosedRange<UInt32>] = [
        0x3400...0x9FFF, 0xAC00...0xD7A3, 0x2010...0x2027, 0x3001...0x3029, 0x3041...0x3096,
        0x30A1...0x30FE, 0x400...0x482, 0x1F300...0x1FAFF,
    ]
}
