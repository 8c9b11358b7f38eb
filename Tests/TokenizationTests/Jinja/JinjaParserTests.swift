import Testing
import Tokenization

struct JinjaParserTests {
    private func error(_ source: String) -> JinjaError? {
        do {
            _ = try JinjaParser.parse(source)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("{{ 1 + }}", 1, 8, "expected an expression"),
        ("{% if x %}\n{% for y in z %}\n{% endif %}", 3, 4, "no tag 'endif'"),
        ("a\n  {% frobnicate %}", 2, 6, "no tag 'frobnicate'"),
        ("{% if x %}yes", 1, 14, "'{% endif %}' is missing"),
        ("{% for x in xs %}", 1, 18, "'{% endfor %}' or '{% else %}' is missing"),
        ("{{ s|nope }}", 1, 6, "no filter 'nope'"), ("{{ s is nope }}", 1, 6, "no test 'nope'"),
        ("{% break %}", 1, 4, "outside of a loop"),
        ("{% set true = 1 %}", 1, 8, "constant 'true'"),
        ("{% macro f(a, a) %}{% endmacro %}", 1, 15, "two parameters"),
        ("{{ f(a=1, 2) }}", 1, 5, "in the order"), ("{{ n is odd is even }}", 1, 13, "chained"),
    ])
    func mistakesAreNamedWithTheirPlace(
        source: String,
        line: Int,
        column: Int,
        part: String
    ) {
        let error = error(source)
        #expect(error?.kind == .syntax)
        #expect(error?.line == line && error?.column == column, "\(source): \(error as Any)")
        #expect(error?.message.contains(part) == true, "\(source): \(error as Any)")
    }

    @Test(arguments: [
        "include 'x'", "import 'x' as y", "from 'x' import y", "extends 'x'",
        "block b", "autoescape true",
    ])
    func whatNeedsOtherFilesIsRefusedByName(tag: String) {
        let error = error("{% \(tag) %}")
        #expect(error?.kind == .unsupported)
        #expect(error?.message.contains("'\(tag.prefix { $0 != " " })'") == true)
    }

    @Test func anUnknownFilterMattersOnlyWhereItRuns() throws {
        #expect(try JinjaTemplate("{% if false %}{{ s|nope }}{% endif %}ok").render([:]) == "ok")
        #expect(try JinjaTemplate("{{ 1 if true else s|nope }}").render([:]) == "1")
        #expect(throws: JinjaError.self) {
            try JinjaTemplate("{% if true %}{{ s|nope }}{% endif %}").render([:])
        }
    }

    @Test func theWholeTemplateIsOneListOfStatements() throws {
        let program = try JinjaParser.parse("a{{ b }}{% if c %}d{% endif %}{% set e = 1 %}")
        #expect(program.body.count == 4)
        #expect(["b", "c", "e"].allSatisfy { program.symbols.index(ofKnown: $0) != nil })
        #expect(program.symbols.index(ofKnown: "d") == nil)
    }

    @Test func errorsWhileRenderingNameTheirPlaceToo() {
        let error = #expect(throws: JinjaError.self) {
            try JinjaTemplate("line one\n{{ 'a' ~ user.name }}").render([:])
        }
        #expect(error?.kind == .undefined)
        #expect(error?.description == "line 2, column 14: 'user' is undefined")
    }
}
