import Testing
import Tokenization

struct PythonFloatTests {
    @Test(arguments: [
        (0.0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (0.1, "0.1"), (1e15, "1000000000000000.0"),
        (1e16, "1e+16"), (123_456_789_012_345_680, "1.2345678901234568e+17"), (1e22, "1e+22"),
        (0.0001, "0.0001"), (0.00001, "1e-05"), (1.5e-7, "1.5e-07"),
        (.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9_007_199_254_740_992, "9007199254740992.0"),
        (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"), (100, "100.0"), (-2.5, "-2.5"),
    ])
    func floatsPrintAsInPython(value: Double, expected: String) {
        #expect(PythonFloat.representation(of: value) == expected)
    }

    @Test(arguments: [7, 8] as [UInt64])
    func whatIsPrintedReadsBackAsTheSameNumber(seed: UInt64) {
        var random = JinjaSeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = PythonFloat.representation(of: value)
            #expect(
                PythonFloat.parse(text)?.bitPattern == value.bitPattern,
                "seed \(seed): \(text)"
            )
        }
    }
}
