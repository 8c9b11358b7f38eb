internal import Checkpoints

/// A `tokenizer.json` as it was read: the large parts in their final shape, the small as trees.
struct TokenizerJSON {
    /// From `model`.
    var modelType: String?
    var modelOptions: [String: JSONValue] = [:]
    /// Token texts and numbers of BPE, texts and scores of Unigram.
    var numbered: [(text: String, id: Int)] = []
    var scored: [(text: String, score: Double)] = []
    var merges: [(String, String)] = []
    var addedTokens: [AddedToken] = []
    /// `normalizer`, `pre_tokenizer`, `post_processor` and `decoder`, where they are not null.
    var parts: [String: JSONValue] = [:]

    private static let partNames: Set = [
        "normalizer", "pre_tokenizer", "post_processor", "decoder",
    ]

    init(_ bytes: [UInt8]) throws(JSONFileProblem) {
        do {
            var cursor = JSONCursor(bytes)
            try cursor.object { cursor, key throws(JSONError) in
                switch key {
                case "model": try readModel(&cursor)
                case "added_tokens":
                    try cursor.array { cursor throws(JSONError) in
                        addedTokens.append(try Self.addedToken(&cursor))
                    }
                case _ where Self.partNames.contains(key):
                    let part = try JSONValue(&cursor)
                    if part != .null { parts[key] = part }
                default: try cursor.skip()
                }
            }
            try cursor.end()
        } catch {
            throw JSONFileProblem(error)
        }
    }

    private mutating func readModel(_ cursor: inout JSONCursor) throws(JSONError) {
        try cursor.object { cursor, key throws(JSONError) in
            switch key {
            case "type": modelType = try cursor.string()
            case "vocab": try readVocabulary(&cursor)
            case "merges":
                try cursor.array { cursor throws(JSONError) in
                    merges.append(try Self.merge(&cursor))
                    try Self.limit(merges.count, TokenizerLimits.mergeCount, "merges", cursor)
                }
            default: modelOptions[key] = try JSONValue(&cursor)
            }
        }
    }

    private mutating func readVocabulary(_ cursor: inout JSONCursor) throws(JSONError) {
        let limit = TokenizerLimits.tokenCount
        if try cursor.kind() == .object {
            try cursor.object { cursor, text throws(JSONError) in
                numbered.append((text, try cursor.integer()))
                try Self.limit(numbered.count, limit, "tokens", cursor)
            }
            return
        }
        try cursor.array { cursor throws(JSONError) in
            var text: String?
            var score: Double?
            try cursor.array { cursor throws(JSONError) in
                if text == nil { text = try cursor.string() } else { score = try cursor.number() }
            }
            guard let text, let score else { throw cursor.failure("ends a token without a score") }
            scored.append((text, score))
            try Self.limit(scored.count, limit, "tokens", cursor)
        }
    }

    private static func limit(
        _ count: Int,
        _ limit: Int,
        _ what: String,
        _ cursor: JSONCursor
    ) throws(JSONError) {
        guard count <= limit else { throw cursor.failure("has over \(limit) \(what)") }
    }

    /// `"a b"`, or since version 0.20 `["a", "b"]`, whose parts may have spaces.
    private static func merge(_ cursor: inout JSONCursor) throws(JSONError) -> (String, String) {
        if try cursor.kind() == .string {
            // Of bytes: a space and an accent after it are one character.
            let parts = try cursor.string().utf8.split(
                separator: 0x20,
                omittingEmptySubsequences: false
            )
            guard parts.count == 2, let first = String(parts[0]), let second = String(parts[1])
            else { throw cursor.failure("ends a merge that is not of two") }
            return (first, second)
        }
        var parts: [String] = []
        try cursor.array { cursor throws(JSONError) in
            guard parts.count < 2 else { throw cursor.failure("is the third part of a merge") }
            parts.append(try cursor.string())
        }
        guard parts.count == 2 else { throw cursor.failure("ends a merge that is not of two") }
        return (parts[0], parts[1])
    }

    private static func addedToken(_ cursor: inout JSONCursor) throws(JSONError) -> AddedToken {
        let json = try JSONValue(&cursor)
        guard let id = json["id"]?.integer, (0..<TokenizerLimits.tokenCount).contains(id),
            let content = json["content"]?.string
        else { throw cursor.failure("ends an added token without a number or a content") }
        var token = AddedToken(id: UInt32(id), content: content)
        token.isSpecial = json["special"]?.bool ?? false
        token.isNormalized = json["normalized"]?.bool ?? !token.isSpecial
        token.isSingleWord = json["single_word"]?.bool ?? false
        token.stripsLeft = json["lstrip"]?.bool ?? false
        token.stripsRight = json["rstrip"]?.bool ?? false
        return token
    }
}
