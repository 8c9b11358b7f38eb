public import Checkpoints

/// Text to token ids and back, as a checkpoint defines it.
///
/// A value type without mutable state: one tokenizer serves any number of tasks.
public struct Tokenizer: Sendable {
    /// A token: its place in the vocabulary, which is its row in the model's embedding.
    public typealias TokenID = UInt32

    /// The token that begins a text.
    public let beginningOfSequence: TokenID?
    /// The token that ends a text.
    public let endOfSequence: TokenID?
    /// Tokens after which a model has nothing more to say: the ends of a text, a turn and a message
    /// that the file names, and well-known ones (`<|im_end|>`, `<end_of_turn>` …) that it has.
    public let endOfGeneration: Set<TokenID>
    /// Whether `encode` begins with `beginningOfSequence` when it adds special tokens.
    public let addsBeginningOfSequence: Bool
    /// Whether `encode` ends with `endOfSequence` when it adds special tokens.
    public let addsEndOfSequence: Bool

    let vocabulary: Vocabulary
    let algorithm: Algorithm
    let specialTokens: SpecialTokenTrie
    /// Special tokens that take the white space after them away.
    let stripsRight: Set<TokenID>

    /// The ways from text to tokens: two of GGUF files, and that of `tokenizer.json`.
    enum Algorithm: Sendable {
        case bytePair(BytePairModel)
        case sentencePiece(SentencePieceModel)
        case pipeline(TokenizerPipeline)
    }

    /// From the keys `tokenizer.ggml.*` of a GGUF file.
    ///
    /// What a file has wrong is treated as llama.cpp does, where that gives a usable tokenizer: of
    /// tokens with one spelling the first is used, a merge that names something that is no token is
    /// ignored, and so is the number of a special token that is outside the vocabulary.
    ///
    /// - Throws: `TokenizerError`, when a key is missing or of the wrong type, the model or the
    ///   pre-tokenizer is not supported, or arrays do not fit each other.
    public init(metadata: Metadata) throws(TokenizerError) {
        let settings = try Settings(metadata)
        let vocabulary = try Vocabulary(metadata: metadata)
        func token(_ number: Int?) -> TokenID? {
            number.flatMap { (0..<vocabulary.count).contains($0) ? TokenID($0) : nil }
        }
        let unknown = token(settings.unknown)
        let addsBeginning: Bool
        switch settings.model {
        case "gpt2":
            let model = try BytePairModel(metadata: metadata, vocabulary: vocabulary)
            addsBeginning = model.preTokenizer.addsBeginningOfSequence
            algorithm = .bytePair(model)
        case "llama":
            addsBeginning = true
            algorithm = .sentencePiece(
                try SentencePieceModel(
                    metadata: metadata,
                    vocabulary: vocabulary,
                    unknownToken: unknown
                )
            )
        default:
            throw .unknownModel(settings.model, known: ["gpt2", "llama"])
        }
        beginningOfSequence = token(settings.beginning)
        endOfSequence = token(settings.end)
        let ends = [settings.end, settings.endOfTurn, settings.endOfMessage].compactMap(token)
        endOfGeneration = vocabulary.endOfGeneration.union(ends)
        addsBeginningOfSequence =
            (settings.addsBeginning ?? addsBeginning) && beginningOfSequence != nil
        addsEndOfSequence = (settings.addsEnd ?? false) && endOfSequence != nil
        specialTokens = try vocabulary.specialTokens()
        stripsRight =
            settings.model == "llama" && settings.architecture == "phi3"
            ? vocabulary.tokensOfTurns : []
        self.vocabulary = vocabulary
    }

    /// The number of tokens.
    public var vocabularySize: Int { vocabulary.count }

    /// Whether a token is about the text rather than in it: the begin, the end, role marks. False
    /// for a number outside the vocabulary.
    public func isSpecial(_ token: TokenID) -> Bool {
        Int(token) < vocabulary.count && vocabulary.kinds[Int(token)].isSpecial
    }

    /// The token that the file spells `text`: for special tokens the text itself, for others with
    /// the file's marks (`Ġthe` or `▁the`).
    public func token(for text: String) -> TokenID? {
        vocabulary.index.token(for: Array(text.utf8).span)
    }

    /// How the file spells a token, which is what `token(for:)` reads; empty for a number outside
    /// the vocabulary.
    public func spelling(of token: TokenID) -> String {
        Int(token) < vocabulary.count ? vocabulary.texts[Int(token)] : ""
    }
}

/// The single values of `tokenizer.ggml.*`.
private struct Settings {
    let model: String
    let architecture: String?
    let beginning, end, endOfTurn, endOfMessage, unknown: Int?
    let addsBeginning, addsEnd: Bool?

    init(_ metadata: Metadata) throws(TokenizerError) {
        do throws(MetadataError) {
            model = try metadata.string("tokenizer.ggml.model")
            architecture = try metadata.optionalString("general.architecture")
            beginning = try metadata.optionalInteger("tokenizer.ggml.bos_token_id")
            end = try metadata.optionalInteger("tokenizer.ggml.eos_token_id")
            endOfTurn = try metadata.optionalInteger("tokenizer.ggml.eot_token_id")
            endOfMessage = try metadata.optionalInteger("tokenizer.ggml.eom_token_id")
            unknown = try metadata.optionalInteger("tokenizer.ggml.unknown_token_id")
            addsBeginning = try metadata.optionalBool("tokenizer.ggml.add_bos_token")
            addsEnd = try metadata.optionalBool("tokenizer.ggml.add_eos_token")
        } catch {
            throw .metadata(error)
        }
    }
}
