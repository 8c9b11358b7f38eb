import Grammars
import Testing

@Suite struct RegexTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var pattern: String
        var matching: [String]
        var others: [String]
        var testDescription: String { pattern }
    }

    static let cases = [
        Case(pattern: "", matching: [""], others: ["a"]),
        Case(pattern: "abc", matching: ["abc"], others: ["ab", "abcd", ""]),
        Case(pattern: "a|bc|", matching: ["a", "bc", ""], others: ["b", "abc"]),
        Case(pattern: "(?:ab)*c+", matching: ["c", "ababcc"], others: ["abac", "ab"]),
        Case(pattern: "a{2}", matching: ["aa"], others: ["a", "aaa"]),
        Case(pattern: "a{2,}", matching: ["aa", "aaaaa"], others: ["a"]),
        Case(pattern: "a{1,3}?b", matching: ["ab", "aaab"], others: ["b", "aaaab"]),
        Case(pattern: "[a-c_]+", matching: ["abc_"], others: ["d", ""]),
        Case(pattern: "[^a-c]", matching: ["d", "é", "😀", "\n"], others: ["a", "de"]),
        Case(pattern: "[]a]", matching: ["]", "a"], others: ["b"]),
        Case(pattern: "[a\\-z-]", matching: ["a", "-", "z"], others: ["b"]),
        Case(pattern: ".", matching: ["x", "ß", "€", "😀"], others: ["\n", "", "xx"]),
        Case(pattern: #"\d\w\s"#, matching: ["1_ ", "9z\t"], others: ["a_ ", "1- "]),
        Case(pattern: #"\D\W\S"#, matching: ["a-x", "é€😀"], others: ["1-x", "aax", "a- "]),
        Case(pattern: #"\u00e9\x41\u{1F600}"#, matching: ["éA😀"], others: ["eA😀"]),
        Case(pattern: "[α-ω]+", matching: ["λόγος".filter { $0 != "ό" }], others: ["Λ", "a"]),
        Case(pattern: "[߿-ࠀ]", matching: ["\u{7FF}", "\u{800}"], others: ["\u{7FE}", "\u{801}"]),
        Case(pattern: "^a$", matching: ["a"], others: ["ba", "ab"]),
        Case(pattern: "^(a|b)$", matching: ["a", "b"], others: ["ab"]),
        Case(pattern: "(?P<year>[0-9]{4})-(?<m>[0-9]{2})", matching: ["2026-11"], others: ["26-1"]),
        Case(pattern: #"\.\*\\\{"#, matching: [#".*\{"#], others: ["a*"]),
    ]

    @Test(arguments: cases)
    func aWholeTextMatchesOrNot(_ test: Case) throws {
        let grammar = try Grammar(regex: test.pattern)
        for text in test.matching {
            #expect(try accepts(grammar, text), "\(test.pattern) should match \(text)")
        }
        for text in test.others {
            #expect(try !accepts(grammar, text), "\(test.pattern) should not match \(text)")
        }
    }

    @Test(arguments: [
        ("(?=a)b", "look-around"), ("(?!a)b", "look-around"), ("(?<=a)b", "look-around"),
        (#"(a)\1"#, "back-references"), (#"\bword"#, #"\b"#), (#"\p{L}"#, "Unicode categories"),
        ("(?i)a", "flags"), ("a++", "possessive"), ("[[:alpha:]]", "POSIX"),
        ("a^b", "ends of a pattern"), ("(", "has no )"), (")", "closes nothing"),
        ("[a", "has no ]"), ("*a", "nothing to repeat"), ("a{3,1}", "reversed"),
        ("[z-a]", "reversed"), ("a\\", "nothing behind it"), (#"\xZ"#, "names no character"),
    ])
    func whatCannotBeEnforcedIsRefusedWithASentence(pattern: String, words: String) {
        let error = #expect(throws: GrammarError.self) { try Grammar(regex: pattern) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    /// 2^40 subsets if all were made.
    @Test func anExpressionThatWouldExplodeIsRefused() {
        let error = #expect(throws: GrammarError.self) {
            try Grammar(regex: "(a|b)*a(a|b){40}")
        }
        #expect(error?.description.contains("make it smaller") == true)
    }

    @Test func aChoiceIsOneOfItsTexts() throws {
        let grammar = try Grammar(choice: ["yes", "yes, but", "no"])
        #expect(try accepts(grammar, "yes"))
        #expect(try accepts(grammar, "yes, but"))
        #expect(try !accepts(grammar, "yes, "))
        #expect(throws: GrammarError.unsatisfiable(path: "choice")) { try Grammar(choice: []) }
    }

    @Test func bytesThatAreForcedAreFound() throws {
        var matcher = try Matcher(Grammar(regex: "(?:abc|abd)e?"))
        #expect(try matcher.forcedBytes() == Array("ab".utf8))
        #expect(try matcher.advance("abd".utf8))
        #expect(matcher.mayEnd)
        #expect(try matcher.forcedBytes() == [])
        #expect(try !matcher.advance("f".utf8))
        #expect(try matcher.advance("e".utf8))
        #expect(matcher.mustEnd)
    }
}
