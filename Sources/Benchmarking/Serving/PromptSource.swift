/// Makes prompts that mean nothing, of a given number of tokens, no two with a beginning in common.
public struct PromptSource: Sendable {
    /// How prompts reach the server.
    public enum Kind: String, Sendable, CaseIterable, Encodable {
        /// Token ids: their number is exact. Pumice and vLLM take them in `/v1/completions`.
        case tokens
        /// Words, as many as make the wanted number of tokens on average.
        case words
    }

    public let kind: Kind
    public let seed: UInt64
    /// What the server counts for a prompt of n words: tokens = overhead + perWord * n.
    public let overhead: Double
    public let perWord: Double

    public init(kind: Kind, seed: UInt64, overhead: Double = 0, perWord: Double = 1) {
        self.kind = kind
        self.seed = seed
        self.overhead = overhead
        self.perWord = perWord
    }

    /// The prompt of the load's request `number`.
    public func prompt(_ number: Int, length: Int) -> LoadPrompt {
        var generator = SeededGenerator(seed: seed &+ UInt64(truncatingIfNeeded: number) &* 0x9E37)
        switch kind {
        case .tokens:
            return .tokens((0..<length).map { _ in Int.random(in: Self.ids, using: &generator) })
        case .words:
            let count = max(1, Int(((Double(length) - overhead) / perWord).rounded()))
            return .text(Self.words(count, &generator))
        }
    }

    private static func words(_ count: Int, _ generator: inout SeededGenerator) -> String {
        (0..<count).map { _ in vocabulary.randomElement(using: &generator) ?? "" }
            .joined(separator: " ")
    }

    /// Ids that every vocabulary has, and that are no special tokens in those of today.
    private static let ids = 300..<3000

    /// Words that most vocabularies hold whole, with the space before them.
    private static let vocabulary = """
        time people way water day part number work place year case point group problem fact hand \
        system program question house home world school state family student country city night \
        story room area book word side kind head service friend father power hour game line end \
        member law car name president team minute idea body back parent face level office door \
        health person art war history party result change morning reason research girl guy moment \
        air teacher force education foot boy age policy music market sense nation plan college
        """.split(separator: " ").map { String($0) }
}

extension PromptSource {
    /// Finds out how a server is to be asked, by a few requests of one output token each.
    ///
    /// Token ids are used where it counts as many as it was sent. Elsewhere two texts of words show
    /// how many tokens a word takes; a server that does not count is taken to count words.
    /// - Parameter kind: nil to find out which kind works.
    /// - Throws: `probeFailed` with what the server said, if it answers nothing.
    public static func calibrated(
        _ kind: Kind?,
        seed: UInt64,
        client: LoadClient
    ) async throws(LoadError) -> PromptSource {
        if kind != .words, client.endpoint == .completions {
            let source = PromptSource(kind: .tokens, seed: seed)
            if kind == .tokens { return source }
            if await source.count(16, client) == 16 { return source }
        }
        let source = PromptSource(kind: .words, seed: seed)
        let (few, many) = (16, 144)
        guard let first = await source.count(few, client),
            let second = await source.count(many, client)
        else {
            if let refusal = await client.refusal(of: source.prompt(-1, length: few)) {
                throw .probeFailed(refusal)
            }
            return source
        }
        let perWord = max(0.25, Double(second - first) / Double(many - few))
        return PromptSource(
            kind: .words,
            seed: seed,
            overhead: Double(first) - perWord * Double(few),
            perWord: perWord
        )
    }

    /// What the server counts for one of these prompts; nil if it answers or counts nothing.
    private func count(_ length: Int, _ client: LoadClient) async -> Int? {
        let outcome = await client.send(
            prompt(-length, length: length),
            promptLength: length,
            maxTokens: 1,
            start: .now
        )
        let isAnswered = outcome.failure == nil || outcome.failure == .noText
        return isAnswered && outcome.hasUsage ? outcome.promptTokenCount : nil
    }
}
