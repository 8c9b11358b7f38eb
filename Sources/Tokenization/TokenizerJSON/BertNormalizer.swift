internal import Checkpoints

/// What BERT did to a text: one kind of white space and no control characters, Chinese characters
/// as words, no accents, lower case.
struct BertNormalizer: Sendable {
    let cleansText: Bool
    let partsChinese: Bool
    /// As `lowercases` where a file does not say.
    let stripsAccents: Bool?
    let lowercases: Bool

    init(_ json: JSONValue) {
        cleansText = json["clean_text"]?.bool ?? true
        partsChinese = json["handle_chinese_chars"]?.bool ?? true
        stripsAccents = json["strip_accents"]?.bool
        lowercases = json["lowercase"]?.bool ?? true
    }

    func callAsFunction(_ text: [UInt32]) -> [UInt32] {
        var text = text
        if cleansText {
            text = text.filter { !Self.isRemoved($0) }
                .map { NamedSets.space.contains($0) ? 0x20 : $0 }
        }
        if partsChinese {
            text = text.flatMap { Self.isChinese($0) ? [0x20, $0, 0x20] : [$0] }
        }
        if stripsAccents ?? lowercases {
            text = NormalizationForm.nfd(text).filter { !Self.nonspacing.contains($0) }
        }
        let lowercase = Normalizer.lowercase
        return lowercases ? lowercase(text) : text
    }

    private static func isRemoved(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x9, 0xA, 0xD: false
        case 0, 0xFFFD: true
        default: controls.contains(scalar)
        }
    }

    private static func isChinese(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
            0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }

    private static let controls = categories("Cc", "Cf", "Co")
    private static let nonspacing = categories("Mn")

    private static func categories(_ names: String...) -> ScalarSet {
        ScalarSet(names.map { .categories(GeneralCategories.mask($0) ?? 0) })
            .prepared(ignoringCase: false)
    }
}
