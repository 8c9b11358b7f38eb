import Foundation
import Synchronization
import Testing
import Tokenization

/// Templates that try to eat the server.
struct JinjaLimitsTests {
    private func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    /// Each grows, loops or recurses without end in its own way.
    private static let greedy = [
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
        "{% macro f(x) %}{{ f([{'a': (1 + (2 if not f(x) else 3))}]) }}{% endmacro %}{{ f(1) }}",
        "{% macro f() %}{% set x %}{% filter upper %}{% with a = f() %}{{ a }}{% endwith %}"
            + "{% endfilter %}{% endset %}{{ x }}{% endmacro %}{{ f() }}",
        "{% macro f(a=f()) %}{% endmacro %}{{ f() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}"
            + "{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}"
            + "{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}"
            + "{% endfor %}",
        "{% macro f(x) %}{{ f(x|batch(1)|list) }}{% endmacro %}{{ f([1]) }}",
        "{% for i in range(100000) %}{% for j in range(1000) %}{% set x = namespace(a=1) %}"
            + "{% endfor %}{% endfor %}",
        "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}"
            + "{% set ns.x = ns.x + ['a' * 1000000] %}{% endfor %}",
        "{{ range(1000000) }}", "{{ 'a' * 100000000 }}", "{{ [1] * 100000000 }}",
        "{{ ('a' * 10000000).replace('a', 'bbbbbbbb') }}", "{{ range(100000)|join('b' * 1000) }}",
        "{{ 'a'.center(100000000) }}", "{{ 'a'|indent(100000000) }}", "{{ '%99999999d' % 1 }}",
        "{{ '{:99999999}'.format(1) }}", "{{ [1]|batch(100000000, 'x')|list }}",
        "{{ ('\\t' * 100000).expandtabs(100000) }}",
        "{% for i in range(9) %}{{ 'a' * 9000000 }}{% endfor %}",
    ]

    @Test(arguments: greedy)
    func greedyTemplatesAreStopped(source: String) {
        let start = ContinuousClock.now
        let error = #expect(throws: JinjaError.self) { try JinjaTemplate(source).render([:]) }
        #expect(error?.kind == .limit, "\(source): \(error as Any)")
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func searchingIsLinearInTheText() throws {
        let start = ContinuousClock.now
        let source = "{{ ('a' * 1000000).find('a' * 500000 ~ 'b') }}"
        #expect(try JinjaTemplate(source).render([:]) == "-1")
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func sourcesThatNestTooDeepAreRefused() {
        for source in [
            "{{ " + repeated("(", 5_000) + "1" + repeated(")", 5_000) + " }}",
            "{{ " + repeated("[", 5_000) + repeated("]", 5_000) + " }}",
            "{{ " + repeated("not ", 5_000) + "1 }}", "{{ " + repeated("-", 5_000) + "1 }}",
            "{{ 1" + repeated("+1", 5_000) + " }}", "{{ a" + repeated("|upper", 5_000) + " }}",
            "{{ a" + repeated(".b", 5_000) + " }}",
            repeated("{% if a %}", 5_000) + repeated("{% endif %}", 5_000),
            "{% set " + repeated("(", 5_000) + "a" + repeated(")", 5_000) + " = 1 %}",
        ] {
            let error = #expect(throws: JinjaError.self) { try JinjaTemplate(source) }
            #expect(error?.kind == .limit, "\(source.prefix(20)): \(error as Any)")
        }
    }

    @Test func whatFitsTheLimitsRenders() throws {
        let parentheses = "{{ " + repeated("(", 99) + "1" + repeated(")", 99) + " }}"
        #expect(try JinjaTemplate(parentheses).render([:]) == "1")
        #expect(try JinjaTemplate("{{ 1" + repeated("+1", 498) + " }}").render([:]) == "499")
        let blocks = repeated("{% if true %}", 99) + "x" + repeated("{% endif %}", 99)
        #expect(try JinjaTemplate(blocks).render([:]) == "x")
    }

    /// Linux may give a thread as little as this; the deepest recursions must fit.
    @Test func recursionStaysWithinAMegabyteOfStack() {
        let sources =
            Self.greedy.filter { $0.contains("macro") || $0.contains("recursive") } + [
                "{{ 1" + repeated("+1", 498) + " }}", "{{ 'a'" + repeated("|upper", 498) + " }}",
                "{{ " + repeated("(", 99) + "1" + repeated(")", 99) + " }}",
                "{{ " + repeated("{1:", 98) + "1" + repeated("}", 98) + " }}",
                "{{ " + repeated("f(", 98) + "1" + repeated(")", 98) + " }}",
                "{{ " + repeated("1 if 0 else ", 98) + "1 }}",
                repeated("{% set x %}", 99) + "x" + repeated("{% endset %}", 99),
            ]
        let finished = Mutex(false)
        let thread = Thread {
            for source in sources { _ = try? JinjaTemplate(source).render([:]) }
            finished.withLock { $0 = true }
        }
        thread.stackSize = 1 << 20
        thread.start()
        while !finished.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.01) }
        #expect(thread.stackSize == 1 << 20)
    }

    @Test func theSourceAndTheVariablesAreLimitedToo() throws {
        var limits = JinjaLimits()
        limits.sourceLength = 10
        #expect(throws: JinjaError.self) { try JinjaTemplate("12345678901", limits: limits) }
        var deep: JinjaValue = 1
        for _ in 0..<200 { deep = [deep] }
        let error = #expect(throws: JinjaError.self) {
            try JinjaTemplate("{{ x }}").render(["x": deep])
        }
        #expect(error?.kind == .limit && error?.message.contains("'x'") == true)
    }
}
