import Testing
import Tokenization

/// `strftime_now` against Python's `strftime`: see `Goldens/make_goldens.py`.
struct LocalTimeTests {
    @Test func timesAreFormattedAsInPython() throws {
        let goldens = try JinjaGoldens.read("strftime.json")
        let cases = try #require(goldens["cases"].listValue)
        #expect(cases.count > 100)
        for golden in cases {
            let time = LocalTime(
                secondsSince1970: try #require(golden["seconds"].integerValue),
                microseconds: 7,
                offset: try #require(golden["offset"].integerValue)
            )
            let format = try #require(golden["format"].stringValue)
            #expect(time.formatted(format) == golden["output"].stringValue, "\(golden)")
        }
    }

    @Test func templatesCanAskForTheTime() throws {
        let output = try JinjaTemplate("{{ strftime_now('%Y') }}").render([:])
        #expect((Int(output) ?? 0) >= 2025)
    }
}
