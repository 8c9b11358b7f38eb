import Testing
import Tokenization

/// GGUF's `llama` tokenizer against Google's `sentencepiece`, on models of its own training: see
/// `Goldens/make_sentencepiece_goldens.py`.
struct SentencePieceGoldenTests {
    private struct Golden: Decodable {
        let pieces: [Piece]
        let adds_space: Bool
        let ids: [[UInt32]?]
        let decoded: [String?]
        let megabytes: [MegabyteLine.Golden]
        let chat: Chat?

        struct Chat: Decodable {
            let tokens: [String]
            let texts: [String]
            let ids: [[UInt32]]
        }

        /// `[text, score, type]`
        struct Piece: Decodable {
            let text: String
            let score: Float
            let type: Int32

            init(from decoder: any Decoder) throws {
                var parts = try decoder.unkeyedContainer()
                text = try parts.decode(String.self)
                score = try parts.decode(Float.self)
                type = try parts.decode(Int32.self)
            }
        }

        func vocabulary() -> SyntheticVocabulary {
            var vocabulary = SyntheticVocabulary(model: "llama")
            vocabulary.integers = [
                "unknown_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
            ]
            vocabulary.flags = ["add_space_prefix": adds_space]
            for piece in pieces {
                vocabulary.add(piece.text, kind: piece.type, score: piece.score)
            }
            return vocabulary
        }
    }

    private static func golden(_ name: String) throws -> Golden {
        try TokenizerFixture.golden("sentencepiece_\(name).json", as: Golden.self)
    }

    @Test(arguments: ["llama", "gemma"])
    func tokensAndTextsAreThoseOfSentencePiece(name: String) throws {
        let golden = try Self.golden(name)
        let tokenizer = try golden.vocabulary().tokenizer()
        let texts = try TokenizerJSONTests.texts()
        #expect(golden.ids.count == texts.count && golden.decoded.count == texts.count)
        for ((text, expected), decoded) in zip(zip(texts, golden.ids), golden.decoded) {
            guard let expected else { continue }
            let tokens = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
            #expect(tokens == expected, "\(text.debugDescription)")
            let found = tokenizer.decode(tokens, skipSpecialTokens: true)
            #expect(found == decoded ?? text, "\(text.debugDescription)")
            var stream = IncrementalDetokenizer(tokenizer, skipSpecialTokens: true)
            let pieces = tokens.map { stream.append($0) }.joined() + stream.finish()
            #expect(pieces == found, "\(text.debugDescription)")
        }
    }

    @Test(arguments: ["llama", "gemma"])
    func aMegabyteInOneLineHasItsTokensInLinearTime(name: String) throws {
        let golden = try Self.golden(name)
        let tokenizer = try golden.vocabulary().tokenizer()
        MegabyteLine.check(golden.megabytes, tokenizer, addSpecialTokens: false)
    }

    /// The line break after `<|user|>` in Phi-3's chat template is no token: the original file says
    /// so and a GGUF file does not.
    @Test func theTokensOfPhi3sTurnsTakeTheWhiteSpaceAfterThemAway() throws {
        let golden = try Self.golden("llama")
        let chat = try #require(golden.chat)
        var vocabulary = golden.vocabulary()
        for token in chat.tokens { vocabulary.add(token, kind: 3) }
        let other = try vocabulary.tokenizer()
        vocabulary.architecture = "phi3"
        let tokenizer = try vocabulary.tokenizer()
        for (text, ids) in zip(chat.texts, chat.ids) {
            let tokens = tokenizer.encode(text, addSpecialTokens: false)
            #expect(tokens == ids, "\(text.debugDescription)")
        }
        let text = try #require(chat.texts.first)
        #expect(other.encode(text, addSpecialTokens: false) != chat.ids.first)
        let plain = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
        #expect(tokenizer.decode(plain, skipSpecialTokens: false) == text)
    }
}
