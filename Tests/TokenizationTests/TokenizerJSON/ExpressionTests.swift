import Testing
import Tokenization

/// Expressions, through the splitter of a tokenizer: words are what they match and what is between.
struct ExpressionTests {
    @Test(arguments: [
        ("a|ab", "abab", ["a", "b", "a", "b"]),
        ("ab|a", "abab", ["ab", "ab"]),
        ("a+?b??", "aab", ["a", "a", "b"]),
        ("a*+a|b", "aab", ["aa", "b"]),
        ("(?>a+)b|a", "aac", ["a", "a", "c"]),
        ("a{2}", "aaaaa", ["aa", "aa", "a"]),
        ("(?:ab){1,2}", "ababab", ["abab", "ab"]),
        ("a{,2}b|a{2,}?", "aabaaa", ["aab", "aa", "a"]),
        ("a{x}", "a{x}", ["a{x}"]),
        ("[^a-c\\s]+", "xa yb", ["x", "a ", "y", "b"]),
        ("[a-z&&[^aeiou]]+", "stone", ["st", "o", "n", "e"]),
        ("[\\]\\-x-]+", "]-xa", ["]-x", "a"]),
        ("[[:digit:]_]+|[[:^digit:]]", "1_a", ["1_", "a"]),
        ("(?i)k|(?i:s)t", "K\u{212A}\u{17F}T st", ["K", "\u{212A}", "\u{17F}T", " ", "st"]),
        ("(?i:a)b", "AbAB", ["Ab", "AB"]),
        ("\\p{Lu}\\P{Lu}*", "aBcDe", ["a", "Bc", "De"]),
        ("\\p{^L}+", "a12b", ["a", "12", "b"]),
        ("\\p{Han}+", "a漢字b", ["a", "漢字", "b"]),
        ("\\h+|\\x41|\\u0042|\\x{43}", "fgA", ["f", "g", "A"]),
        ("^a|b$", "ab\nab", ["a", "b", "\n", "a", "b"]),
        ("\\Aa|b\\z", "ab\nab", ["a", "b\na", "b"]),
        ("\\bx+\\B", "xxy x", ["xx", "y x"]),
        ("\\s+(?!\\S)|\\s", "a   b ", ["a", "  ", " ", "b", " "]),
        ("(?<=1)2|(?<!1)3", "12313", ["1", "2", "3", "13"]),
        (".+", "ab\ncd", ["ab", "\n", "cd"]),
        ("x|", "axa", ["a", "x", "a"]),
    ])
    func wordsAreWhatMatchesAndWhatIsBetween(
        expression: String,
        text: String,
        words: [String]
    ) throws {
        #expect(try PreTokenizer.words(of: text, splitAt: expression) == words)
    }

    /// Expressions that take matchers without a memory longer than the universe is old.
    @Test(arguments: ["(?:a|aa)+b", "(?:a+)+b", "(?:a|a)*b", "(?:a?){30}b", "(?=(?:a+)+b)c"])
    func noTextTakesForEver(expression: String) throws {
        let start = ContinuousClock.now
        let text = String(repeating: "a", count: 200)
        #expect(try PreTokenizer.words(of: text, splitAt: expression) == [text])
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
