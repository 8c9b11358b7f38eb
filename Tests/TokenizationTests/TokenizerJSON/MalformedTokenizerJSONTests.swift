import Foundation
import Testing
import Tokenization

/// Each way a `tokenizer.json` can be wrong or of a kind that is not built, and what is said of it.
struct MalformedTokenizerJSONTests {
    private func refuse(
        _ json: [UInt8],
        _ word: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: TokenizerError.self, sourceLocation: sourceLocation) {
            try Tokenizer(json: json, path: "bad/tokenizer.json")
        }
        let text = error?.description ?? ""
        #expect(text.contains(word), "no “\(word)” in: \(text)", sourceLocation: sourceLocation)
        #expect(text.contains("bad/tokenizer.json"), sourceLocation: sourceLocation)
    }

    private func refuse(
        _ part: String,
        _ value: Any,
        _ word: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let json = try TokenizerJSONTests.json("gpt2") { $0[part] = value }
        refuse(json, word, sourceLocation: sourceLocation)
    }

    private func refuse(
        model change: (inout [String: Any]) -> Void,
        _ word: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let json = try TokenizerJSONTests.json("gpt2") { tokenizer in
            var model = tokenizer["model"] as? [String: Any] ?? [:]
            change(&model)
            tokenizer["model"] = model
        }
        refuse(json, word, sourceLocation: sourceLocation)
    }

    @Test func whatIsNoTokenizerIsRefused() {
        refuse([], "value is missing")
        refuse(Array("[]".utf8), "should have object")
        refuse(Array("{}".utf8), "empty")
        refuse(Array("{\"model\":{\"vocab\":{\"a\":0,\"a\":1}}}".utf8), "occurs twice")
        refuse(Array("{\"model\":{\"vocab\":{\"a\":-1}}}".utf8), "token number")
        refuse(Array("{\"model\":{\"vocab\":{\"a\":99999999}}}".utf8), "token number")
        refuse(Array("{\"model\":{\"vocab\":[[\"a\"]]}}".utf8), "without a score")
        refuse(Array("{\"model\":{\"vocab\":[[\"a\",1],[\"b\",1e999]]}}".utf8), "Double")
        refuse(Array(String(repeating: "[", count: 1 << 20).utf8), "should have object")
        refuse(Array(String(repeating: "{\"a\":", count: 1 << 16).utf8), "nest")
    }

    @Test func tokensThatAreTheSameTextAreTwo() throws {
        let vocabulary = "{\"\u{e9}\":0,\"e\":1,\"\u{301}\":2,\"e\u{301}\":3}"
        let json = "{\"model\":{\"vocab\":\(vocabulary),\"merges\":[\"e \u{301}\"]}}"
        let tokenizer = try Tokenizer(json: Array(json.utf8), path: "x")
        #expect(tokenizer.encode("\u{e9}", addSpecialTokens: false) == [0])
        #expect(tokenizer.encode("e\u{301}", addSpecialTokens: false) == [3])
    }

    @Test func partsThatAreNotBuiltAreNamed() throws {
        try refuse(model: { $0["type"] = "WordPiece" }, "'WordPiece'")
        try refuse(model: { $0["end_of_word_suffix"] = "</w>" }, "'</w>'")
        try refuse(model: { $0["merges"] = ["a"] }, "not of two")
        try refuse(model: { $0["merges"] = [["a", "b", "c"]] }, "third part")
        try refuse(model: { $0["merges"] = [["nothing", "here"]] }, "merge 0")
        try refuse("normalizer", ["type": "Precompiled2"], "'Precompiled2'")
        for map in ["", "AAA=", "AAAAAA==", "AwAAAAAAAAA=", "CAAAAAAAAAA=", "BAAAAAAAAAD/"] {
            let step = ["type": "Precompiled", "precompiled_charsmap": map]
            try refuse("normalizer", step, "no such map")
        }
        try refuse("pre_tokenizer", ["type": "FixedLength", "length": 0], "FixedLength is 0")
        try refuse("pre_tokenizer", ["type": "UnicodeScripts"], "'UnicodeScripts'")
        try refuse("pre_tokenizer", ["kind": "x"], "no type")
        try refuse("decoder", ["type": "CTC"], "'CTC'")
        try refuse("decoder", ["type": "Strip", "content": "x"], "Strip")
        try refuse("post_processor", ["type": "Other"], "'Other'")
        try refuse("post_processor", ["type": "TemplateProcessing", "single": [[:]]], "piece")
        try refuse("post_processor", ["type": "BertProcessing"], "names no token")
        try refuse(
            "post_processor",
            ["type": "BertProcessing", "cls": ["a", 1_000_000], "sep": ["b", 1]],
            "1000000"
        )
        try refuse("added_tokens", [["id": 1]], "without a number or a content")
        let split = { (expression: String) -> [String: Any] in
            ["type": "Split", "pattern": ["Regex": expression], "behavior": "Isolated"]
        }
        for (expression, word) in [
            ("(", "never ends"), (")", "not opened"), ("[a", "never ends"), ("a**", "empty"),
            ("\\p{Klingon}", "'Klingon'"), ("(a)\\1", "not supported"), ("*", "nothing to repeat"),
            ("a{9999}", "too large"), ("(?<=ab)c", "more than one"), ("[b-a]", "out of order"),
            ("((a{1000}){1000}){1000}", "too large"),
            ("(?:(?:(?:){1000}){1000}){1000}x{9999}", "large"),
            (String(repeating: "(", count: 1000), "too deep"),
        ] {
            try refuse("pre_tokenizer", split(expression), word)
        }
        try refuse(
            "pre_tokenizer",
            ["type": "Split", "pattern": ["String": " "], "behavior": "Shuffled"],
            "'Shuffled'"
        )
    }

    /// Mutated files load or are refused in a sentence, and what loads encodes.
    @Test(arguments: ["kimi", "llama2", "t5"])
    func mutatedFilesLoadOrAreRefused(name: String) throws {
        let whole = try TokenizerJSONTests.json(name)
        var random = TokenizerRandom(seed: 7)
        for round in 0..<300 {
            var json = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<json.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: json[place] = UInt8.random(in: 32...126, using: &random)
                case 1: json.removeSubrange(place..<min(json.count, place + 3))
                case 2: json.insert(json[place], at: place)
                default: json.removeLast(Int.random(in: 0..<40, using: &random))
                }
            }
            do {
                let tokenizer = try Tokenizer(json: json, path: "fuzz")
                let tokens = tokenizer.encode("The fox’s 123 ▁<s>\n", addSpecialTokens: true)
                _ = tokenizer.decode(tokens, skipSpecialTokens: false)
            } catch {
                #expect(error.description.contains("fuzz"), "round \(round)")
            }
        }
    }
}
