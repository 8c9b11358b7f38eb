internal import Checkpoints

/// What the files beside `tokenizer.json` say of special tokens, by their texts or numbers.
package struct SpecialTokenNames: Sendable {
    package var beginning: String?
    package var end: String?
    /// Further ends of a generation.
    package var ends: [Int] = []

    package init() {}
}

extension Tokenizer {
    /// From the bytes of a `tokenizer.json` at `path`.
    package init(
        json bytes: [UInt8],
        path: String,
        names: SpecialTokenNames = SpecialTokenNames()
    ) throws(TokenizerError) {
        do throws(JSONFileProblem) {
            let json = try TokenizerJSON(bytes)
            let vocabulary: Vocabulary
            do {
                vocabulary = try Vocabulary(json)
            } catch {
                throw JSONFileProblem(error.description)
            }
            let pipeline = try TokenizerPipeline(json, vocabulary)
            self.init(pipeline, vocabulary, names)
        } catch {
            throw .file(path: path, problem: error.text)
        }
    }

    private init(
        _ pipeline: TokenizerPipeline,
        _ vocabulary: Vocabulary,
        _ names: SpecialTokenNames
    ) {
        func token(_ text: String?) -> TokenID? {
            text.flatMap { vocabulary.index.token(for: Array($0.utf8).span) }
        }
        beginningOfSequence = token(names.beginning) ?? pipeline.prefix.first
        endOfSequence = token(names.end)
        let ends = names.ends.filter { vocabulary.texts.indices.contains($0) }.map { TokenID($0) }
        endOfGeneration = vocabulary.endOfGeneration.union(ends).union(
            endOfSequence.map { [$0] } ?? []
        )
        addsBeginningOfSequence =
            beginningOfSequence != nil && pipeline.prefix.first == beginningOfSequence
        addsEndOfSequence = endOfSequence != nil && pipeline.suffix.last == endOfSequence
        specialTokens = SpecialTokenTrie()
        stripsRight = []
        algorithm = .pipeline(pipeline)
        self.vocabulary = vocabulary
    }
}

extension TokenizerPipeline {
    /// Builds every part, and refuses those that are not built here by name.
    init(_ json: TokenizerJSON, _ vocabulary: Vocabulary) throws(JSONFileProblem) {
        let isMergeable = { (token: Int) in !vocabulary.kinds[token].isSpecial }
        model = try Self.model(json, vocabulary, isMergeable)
        for token in json.addedTokens where !token.content.isEmpty {
            if !token.isNormalized { rawTokens.insert(token, as: token.content) }
        }
        if let part = json.parts["normalizer"] { normalizer = try Normalizer(part) }
        for token in json.addedTokens where token.isNormalized && !token.content.isEmpty {
            let content = token.content.unicodeScalars.map(\.value)
            normalizedTokens.insert(
                token,
                as: String(scalars: (normalizer?(content) ?? content)[...])
            )
        }
        let addedByteCount = json.addedTokens.reduce(0) { $0 + $1.content.utf8.count }
        guard addedByteCount <= TokenizerLimits.specialByteCount else {
            throw JSONFileProblem("its added tokens have \(addedByteCount) bytes")
        }
        if let part = json.parts["pre_tokenizer"] { splitter = try TextSplitter(part) }
        if let part = json.parts["post_processor"] {
            let frame = try TextFrame(part)
            (prefix, suffix) = (frame.prefix, frame.suffix)
        }
        for token in prefix + suffix where token >= vocabulary.count {
            throw JSONFileProblem("its post-processor adds token \(token), which is none")
        }
        let decoder = try json.parts["decoder"].map(TokenDecoder.init) ?? TokenDecoder()
        textStart = decoder.textStart
        bytes = spelled(json, vocabulary, decoder)
    }

    /// The bytes of every token. Special tokens are as templates write them.
    private func spelled(
        _ json: TokenizerJSON,
        _ vocabulary: Vocabulary,
        _ decoder: TokenDecoder
    ) -> ByteArena {
        var texts: [UInt32: String] = [:]
        for token in json.addedTokens where !decoder.isByteLevel && token.isNormalized {
            let content = token.content.unicodeScalars.map(\.value)
            texts[token.id] = String(scalars: (normalizer?(content) ?? content)[...])
        }
        var bytes = ByteArena()
        bytes.reserve(count: vocabulary.count, byteCount: vocabulary.spellings.bytes.count)
        for (token, text) in vocabulary.texts.enumerated() {
            let kind = vocabulary.kinds[token]
            if kind.isSpecial || (kind == .userDefined && decoder.isByteLevel) {
                bytes.append(text.utf8)
            } else {
                bytes.append(decoder.bytes(of: texts[UInt32(token)] ?? text))
            }
        }
        return bytes
    }

    private static func model(
        _ json: TokenizerJSON,
        _ vocabulary: Vocabulary,
        _ isMergeable: (Int) -> Bool
    ) throws(JSONFileProblem) -> Model {
        let options = JSONValue.object(json.modelOptions)
        // Files from before 2021 do not say.
        switch json.modelType ?? (json.merges.isEmpty ? "Unigram" : "BPE") {
        case "BPE":
            for affix in ["continuing_subword_prefix", "end_of_word_suffix"]
            where !(options[affix]?.string ?? "").isEmpty {
                throw .unsupported("model's \(affix)", options[affix]?.string ?? "")
            }
            var built = CharacterPairModel.Options()
            if let text = options["unk_token"]?.string {
                built.unknownToken = vocabulary.index.token(for: Array(text.utf8).span)
            }
            built.fusesUnknown = options["fuse_unk"]?.bool ?? false
            built.fallsBackToBytes = options["byte_fallback"]?.bool ?? false
            built.ignoresMerges = options["ignore_merges"]?.bool ?? false
            return .characterPairs(
                try CharacterPairModel(
                    vocabulary: vocabulary,
                    merges: json.merges,
                    options: built,
                    isMergeable: isMergeable
                )
            )
        case "Unigram":
            let unknown = options["unk_id"]?.integer
            if let unknown, !json.scored.indices.contains(unknown) {
                throw JSONFileProblem("its unk_id \(unknown) is no token")
            }
            return .unigram(
                UnigramModel(
                    vocabulary: vocabulary,
                    scores: json.scored.map(\.score),
                    unknownToken: unknown.map { UInt32($0) },
                    fallsBackToBytes: options["byte_fallback"]?.bool ?? false,
                    isMergeable: isMergeable
                )
            )
        case let name: throw .unsupported("model", name)
        }
    }
}
