import Testing
import Tokenization

struct StopStringMatcherTests {
    /// The slow way: of all places where a stop string ends the first, and there the longest.
    private func expected(
        _ text: String,
        _ stops: [String],
        includeStop: Bool
    ) -> (text: String, stopped: String?) {
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            let ending = stops.filter {
                !$0.isEmpty && bytes[..<end].suffix($0.utf8.count).elementsEqual($0.utf8)
            }
            guard let stop = ending.max(by: { $0.utf8.count < $1.utf8.count }) else { continue }
            let kept = includeStop ? end : end - stop.utf8.count
            return (String(decoding: bytes[..<kept], as: UTF8.self), stop)
        }
        return (text, nil)
    }

    @Test(arguments: 0..<1000 as Range<UInt64>)
    func theResultIsThatOfTheWholeTextHoweverItIsCut(seed: UInt64) {
        var random = TokenizerRandom(seed: seed)
        let stops = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            random.string(of: "abé", upTo: 5)
        }
        let text = random.string(of: "abé👍", upTo: 40)
        let includeStop = Bool.random(using: &random)
        var matcher = StopStringMatcher(stops, includeStop: includeStop)
        var emitted = ""
        var stopped: String?
        var rest = text[...]
        while !rest.isEmpty && stopped == nil {
            let piece = rest.prefix(.random(in: 1...5, using: &random))
            rest = rest.dropFirst(piece.count)
            let step = matcher.append(String(piece))
            emitted += step.emit
            stopped = step.stopped
        }
        emitted += matcher.flush()
        let expected = expected(text, stops, includeStop: includeStop)
        #expect(emitted == expected.text, "seed \(seed): \(text) \(stops)")
        #expect(stopped == expected.stopped, "seed \(seed): \(text) \(stops)")
    }

    @Test func onlyWhatMayBecomeAStopStringIsHeldBack() {
        var matcher = StopStringMatcher(["<end>", "STOP"])
        #expect(matcher.append("Hello") == ("Hello", nil))
        #expect(matcher.append(" <e") == (" ", nil))
        #expect(matcher.append("n<e") == ("<en", nil))
        #expect(matcher.append("nt") == ("<ent", nil))
        #expect(matcher.append(" ST") == (" ", nil))
        #expect(matcher.append("OP and more") == ("", "STOP"))
        #expect(matcher.append("more") == ("", "STOP"))
        #expect(matcher.flush() == "")
    }

    @Test func theStopStringIsPartOfTheTextOnRequest() {
        var matcher = StopStringMatcher(["</s>"], includeStop: true)
        #expect(matcher.append("a<") == ("a", nil))
        #expect(matcher.append("/s>b") == ("</s>", "</s>"))
        #expect(matcher.flush() == "")
    }

    @Test func whatWasHeldBackComesAtTheEnd() {
        var matcher = StopStringMatcher(["\n\nUser:"])
        #expect(matcher.append("x\n\nUse") == ("x", nil))
        #expect(matcher.flush() == "\n\nUse")
        #expect(matcher.flush() == "")
    }

    @Test func withoutStopStringsNothingIsHeldBack() {
        for stops in [[], [""]] {
            var matcher = StopStringMatcher(stops)
            #expect(matcher.append("any 👍") == ("any 👍", nil))
        }
    }

    @Test func ofStopStringsThatEndTogetherTheLongestIsNamed() {
        var matcher = StopStringMatcher(["c", "abc", "bc"])
        #expect(matcher.append("xabc") == ("x", "abc"))
    }
}

private func == (left: (emit: String, stopped: String?), right: (String, String?)) -> Bool {
    left.emit == right.0 && left.stopped == right.1
}
