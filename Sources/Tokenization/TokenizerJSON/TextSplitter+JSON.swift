internal import Checkpoints

extension TextSplitter {
    init(_ json: JSONValue) throws(JSONFileProblem) {
        let part = "pre-tokenizer"
        let type = try json.type(of: part)
        switch type {
        case "Sequence":
            var steps: [TextSplitter] = []
            for step in try json.parts("pretokenizers", of: part) {
                steps.append(try TextSplitter(step))
            }
            self = .sequence(steps)
        case "Split":
            self = .split(
                try Self.pattern(json),
                try Self.behavior(json, default: nil),
                isInverted: json["invert"]?.bool ?? false
            )
        case "ByteLevel":
            self = .byteLevel(
                addsSpace: json["add_prefix_space"]?.bool ?? true,
                cuts: json["use_regex"]?.bool ?? true
            )
        case "Metaspace": self = try Self.metaspace(json)
        case "Digits":
            let isIndividual = json["individual_digits"]?.bool ?? false
            self = .split(
                .set(Self.categories("N")),
                isIndividual ? .isolated : .contiguous,
                isInverted: false
            )
        case "Punctuation":
            let behavior = try Self.behavior(json, default: .isolated)
            self = .split(.set(Self.punctuation), behavior, isInverted: false)
        case "WhitespaceSplit":
            self = .split(.set(Self.space), .removed, isInverted: false)
        case "Whitespace":
            self = .sequence([
                .split(.set(Self.space), .removed, isInverted: false),
                .split(.set(NamedSets.unicodeWord), .contiguous, isInverted: false),
            ])
        case "BertPreTokenizer":
            self = .sequence([
                .split(.set(Self.space), .removed, isInverted: false),
                .split(.set(Self.punctuation), .isolated, isInverted: false),
            ])
        case "CharDelimiterSplit":
            let delimiter = try json.text("delimiter", of: part).unicodeScalars.map(\.value)
            self = .split(.replacement(.text(delimiter)), .removed, isInverted: false)
        case "FixedLength":
            let length = json["length"]?.integer ?? 5
            guard length > 0 else { throw JSONFileProblem("its FixedLength is \(length)") }
            self = .split(.lengths(length), .isolated, isInverted: false)
        default: throw .unsupported(part, type)
        }
    }

    /// The expressions of pre-tokenizers that are built by hand, which are several times faster.
    private static func pattern(_ json: JSONValue) throws(JSONFileProblem) -> Pattern {
        if let source = json["pattern"]?["Regex"]?.string,
            let known = PreTokenizer.having(expression: source)
        {
            return .words(known)
        }
        return .replacement(try json.pattern(of: "pre-tokenizer"))
    }

    private static func behavior(
        _ json: JSONValue,
        default standard: SplitBehavior?
    ) throws(JSONFileProblem) -> SplitBehavior {
        guard let name = json["behavior"]?.string else {
            if let standard { return standard }
            throw JSONFileProblem("its pre-tokenizer has no behavior")
        }
        guard let behavior = SplitBehavior(rawValue: name) else {
            throw .unsupported("pre-tokenizer's behavior", name)
        }
        return behavior
    }

    private static func metaspace(_ json: JSONValue) throws(JSONFileProblem) -> TextSplitter {
        let mark = Array((json["replacement"]?.string ?? "▁").unicodeScalars)
        guard mark.count == 1 else { throw JSONFileProblem("its Metaspace has no single mark") }
        let isAdded = json["add_prefix_space"]?.bool ?? true
        let name = json["prepend_scheme"]?.string ?? (isAdded ? "always" : "never")
        guard let prefix = MetaspacePrefix(rawValue: name) else {
            throw .unsupported("Metaspace's prepend_scheme", name)
        }
        return .metaspace(mark: mark[0].value, prefix, cuts: json["split"]?.bool ?? true)
    }

    private static func categories(_ name: String) -> ScalarSet {
        ScalarSet([.categories(GeneralCategories.mask(name) ?? 0)]).prepared(ignoringCase: false)
    }

    private static let space = NamedSets.space.prepared(ignoringCase: false)

    /// Unicode's punctuation, and what ASCII has of symbols.
    private static let punctuation = ScalarSet([
        .categories(GeneralCategories.mask("P") ?? 0), .range(0x21...0x2F), .range(0x3A...0x40),
        .range(0x5B...0x60), .range(0x7B...0x7E),
    ]).prepared(ignoringCase: false)
}
