import Testing
import Tokenization

struct JinjaLexerTests {
    private func kinds(_ source: String) throws -> [JinjaToken.Kind] {
        try JinjaLexer.tokens(of: source).map(\.kind)
    }

    @Test func textAndTagsAlternate() throws {
        #expect(
            try kinds("a{{ x }}b{% if %}") == [
                .text("a"), .outputBegin, .name("x"), .outputEnd, .text("b"), .tagBegin,
                .name("if"), .tagEnd, .end,
            ]
        )
    }

    @Test func everyLineEndBecomesANewlineAndTheLastOneGoes() throws {
        #expect(try kinds("a\r\nb\rc\n") == [.text("a\nb\nc"), .end])
        #expect(try kinds("a\n\n") == [.text("a\n"), .end])
        #expect(try kinds("\n") == [.end])
    }

    @Test func aTagTakesTheIndentationBeforeItAndTheNewlineAfterIt() throws {
        #expect(
            try kinds("x\n  {% if %}\ny") == [
                .text("x\n"), .tagBegin, .name("if"), .tagEnd, .text("y"), .end,
            ]
        )
        #expect(
            try kinds("x {% if +%}\ny") == [
                .text("x "), .tagBegin, .name("if"), .tagEnd, .text("\ny"), .end,
            ]
        )
    }

    @Test func bracesInsideBracketsDoNotCloseTheOutput() throws {
        let closing = JinjaToken.Kind.symbol(.rightBrace)
        let tokens = try kinds("{{ {'a': {}} }}")
        #expect(tokens.filter { $0 == closing }.count == 2)
        #expect(tokens.suffix(2) == [.outputEnd, .end])
    }

    @Test(
        arguments: [
            ("1", .integer(1)), ("1_000", .integer(1_000)), ("0x_1F", .integer(31)),
            ("0b101", .integer(5)), ("0o17", .integer(15)), ("1.5", .float(1.5)),
            ("1e3", .float(1_000)), ("2.5E-1", .float(0.25)),
            ("9223372036854775807", .integer(Int.max)),
        ] as [(String, JinjaToken.Kind)]
    )
    func numbersAreReadAsInPython(source: String, expected: JinjaToken.Kind) throws {
        #expect(try kinds("{{\(source)}}")[1] == expected)
    }

    @Test func escapesInStringsAreResolved() throws {
        #expect(try kinds(#"{{ 'a\n\x41\u00e9\U0001F600\101\'\q' }}"#)[1] == .string("a\nAé😀A'\\q"))
    }

    @Test func tokensKnowTheirPlace() throws {
        let tokens = try JinjaLexer.tokens(of: "é{{ ab + 1 }}")
        #expect(tokens.map(\.offset) == [0, 1, 4, 7, 9, 11, 13])
    }

    @Test(arguments: [
        ("ab\n{{ 'x", 2, 4, "never closed"), ("{{ x", 1, 1, "never closed"),
        ("\n\n  {% if", 3, 3, "never closed"), ("{# x", 1, 1, "comment"),
        ("{% raw %}x", 1, 1, "endraw"), ("{{ a $ }}", 1, 6, "unexpected character"),
        ("{{ (] }}", 1, 5, "must come first"), ("{{ ) }}", 1, 4, "closes nothing"),
        ("{{ 99999999999999999999 }}", 1, 4, "64 bits"), (#"{{ '\u12' }}"#, 1, 4, "hexadecimal"),
        (#"{{ '\ud800' }}"#, 1, 4, "no Unicode character"),
    ])
    func mistakesAreNamedWithTheirPlace(
        source: String,
        line: Int,
        column: Int,
        part: String
    ) {
        let error = #expect(throws: JinjaError.self) { try kinds(source) }
        #expect(error?.line == line && error?.column == column, "\(source): \(error as Any)")
        #expect(error?.message.contains(part) == true, "\(source): \(error as Any)")
        #expect(error?.kind == .syntax)
    }
}
