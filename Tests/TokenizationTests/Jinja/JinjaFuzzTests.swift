import Foundation
import Testing
import Tokenization

/// Whatever the template, the answer is text or a `JinjaError`: the process survives.
struct JinjaFuzzTests {
    private static let limits: JinjaLimits = {
        var limits = JinjaLimits()
        limits.steps = 20_000
        limits.outputBytes = 100_000
        return limits
    }()

    private static let context: [String: JinjaValue] = [
        "n": 7, "f": 2.5, "s": "Hello é World", "t": true, "nothing": .none, "xs": [3, 1, "b"],
        "d": ["a": 1, "b": [1, 2]], "messages": [["role": "user", "content": "hi"]],
    ]

    /// Renders, and returns whether that gave a text.
    @discardableResult private static func survives(_ source: String) -> Bool {
        do {
            _ = try JinjaTemplate(source, limits: limits).render(context)
            return true
        } catch {
            #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty)
            return false
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func tokenSoupsAreRefusedOrRendered(seed: UInt64) {
        var random = JinjaSeededGenerator(seed: seed)
        let words =
            """
            {{ }} {% %} {%- -%} {{- -}} {# #} if elif else endif for in endfor set endset \
            macro endmacro call endcall filter endfilter with endwith raw endraw break \
            continue recursive loop generation endgeneration and or not is n f s xs d \
            messages ns = == != < > <= >= + - * / // % ** ~ | . , : ; ( ) [ ] { } 1 0 2.5 'a' \
            "b" 'é true false none upper join map sort tojson defined odd caller varargs \
            kwargs namespace range \\ \n $ @ 0x 1e é
            """.split(separator: " ").map(String.init)
        for _ in 0..<1_500 {
            let count = Int.random(in: 1...40, using: &random)
            let soup = (0..<count).map { _ in words.randomElement(using: &random) ?? "" }
                .joined(separator: Bool.random(using: &random) ? " " : "")
            Self.survives(soup)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func mutatedTemplatesAreRefusedOrRendered(seed: UInt64) throws {
        var random = JinjaSeededGenerator(seed: seed)
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../ChatTemplate/Goldens/templates")
        let sources = try ["chatml", "llama31", "mistral", "qwen3", "gpt_oss", "hermes"].map {
            Array(
                try String(
                    contentsOf: folder.appendingPathComponent("\($0).jinja"),
                    encoding: .utf8
                ).unicodeScalars
            )
        }
        for _ in 0..<250 {
            var scalars = sources.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let start = Int.random(in: 0..<scalars.count, using: &random)
                let end = min(scalars.count, start + Int.random(in: 0...12, using: &random))
                let from = Int.random(in: 0..<scalars.count, using: &random)
                let piece = scalars[from..<min(scalars.count, from + (end - start))]
                scalars.replaceSubrange(start..<end, with: Bool.random(using: &random) ? piece : [])
                if scalars.isEmpty { scalars = ["x"] }
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            Self.survives(String(text))
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func wellFormedNonsenseIsRefusedOrRendered(seed: UInt64) {
        var maker = ExpressionMaker(random: JinjaSeededGenerator(seed: seed))
        var rendered = 0
        for round in 0..<6_000
        where Self.survives("{{ \(maker.make(depth: 1 + round % 4)) }}") { rendered += 1 }
        // Or else the expressions would not get past the parser and test nothing.
        #expect(rendered > 200, "seed \(seed)")
    }
}

/// Random expressions that always parse.
private struct ExpressionMaker {
    var random: JinjaSeededGenerator

    private static let atoms = [
        "n", "f", "s", "t", "nothing", "xs", "d", "messages", "missing", "0", "1", "-1", "3", "2.5",
        "9223372036854775807", "-0.0", "1e300", "''", "'a'", "'é x'", "true", "none", "[]", "{}",
        "()", "range(4)", "namespace(a=1)", "dict(a=2)", "cycler(1, 2)", "joiner()", "d.items()",
        "s.upper", "range", "'%s-%d'", "'{} {:>4}'", "xs|map('string')",
    ]
    private static let operators = [
        "+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">", "<=", ">=", "in", "not in",
        "and", "or",
    ]

    private static let filters = JinjaFilter.allCases.map(\.rawValue)
    private static let methods = JinjaMethod.allCases.map(\.rawValue)
    private static let tests = JinjaTest.allCases.map(\.rawValue).filter {
        $0.first?.isLetter == true
    }

    private mutating func pick(_ choices: [String]) -> String {
        choices.randomElement(using: &random) ?? "n"
    }

    mutating func make(depth: Int) -> String {
        guard depth > 0 else { return pick(Self.atoms) }
        let a = make(depth: depth - 1)
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: return "(\(a) \(pick(Self.operators)) \(make(depth: depth - 1)))"
        case 2, 3: return "(\(a))|\(pick(Self.filters))\(arguments(depth))"
        case 4: return "((\(a)) is \(pick(Self.tests))(\(make(depth: depth - 1))))"
        case 5, 6: return "(\(a)).\(pick(Self.methods))\(arguments(depth))"
        case 7: return "(\(a))[\(make(depth: depth - 1))]"
        case 8: return "(\(a))[\(make(depth: 0)):\(make(depth: 0)):\(make(depth: 0))]"
        case 9: return "(\(a) if \(make(depth: depth - 1)) else \(make(depth: depth - 1)))"
        case 10: return "[\(a), \(make(depth: depth - 1))]"
        default: return "{\(make(depth: 0)): \(a)}"
        }
    }

    private mutating func arguments(_ depth: Int) -> String {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: "()"
        case 1: "(\(make(depth: 0)), \(make(depth: 0)))"
        case 2: "(\(make(depth: 0)), *\(make(depth: 0)))"
        default: "(\(make(depth: depth - 1)))"
        }
    }
}
