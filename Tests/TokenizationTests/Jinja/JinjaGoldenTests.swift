import Testing
import Tokenization

/// Small templates, each as Python's jinja2 renders it: see `Goldens/make_goldens.py`.
struct JinjaGoldenTests {
    /// What Python can do and we do not, each refused with a message that says so: integers of more
    /// than 64 bits.
    private static let refusedHere: Set<String> = [
        "{{ 9223372036854775807 + 1 }}", "{{ 3037000500 * 3037000500 }}",
        "{{ 99999999999999999999 }}", "{{ 2 ** 64 }}", "{{ 10**20 }}", "{{ 1e19|int }}",
    ]

    @Test func everyTemplateRendersAsInPython() throws {
        let goldens = try JinjaGoldens.read("expressions.json")
        let context = goldens["context"].members
        let cases = try #require(goldens["cases"].listValue)
        #expect(cases.count > 1_000)
        for golden in cases {
            let source = try #require(golden["template"].stringValue)
            let expected = golden["output"].stringValue
            do {
                let output = try JinjaTemplate(source).render(context)
                guard let expected else {
                    Issue.record(
                        "\(source.debugDescription) must fail (\(golden["why"])), gave \(output)"
                    )
                    continue
                }
                #expect(
                    Array(output.utf8) == Array(expected.utf8),
                    "\(source.debugDescription)\n gave   \(output)\n Python \(expected)"
                )
            } catch {
                guard let expected, !Self.refusedHere.contains(source) else { continue }
                Issue.record("\(source.debugDescription) gave \(error), Python gave \(expected)")
            }
        }
    }
}
