import Foundation
import Testing
import Tokenization

struct JinjaValueTests {
    @Test func literalsAndAccessorsAgree() {
        let value: JinjaValue = ["a": 1, "b": [true, 2.5, "x"], "c": .none]
        #expect(value["a"].integerValue == 1)
        #expect(value["b"][0].boolValue == true)
        #expect(value["b"][1].doubleValue == 2.5)
        #expect(value["b"][2].stringValue == "x")
        #expect(value["c"].isNone)
        #expect(value["d"].isUndefined && value["b"][9].isUndefined && value[0].isUndefined)
        #expect(value.objectValue?.keys == ["a", "b", "c"])
    }

    @Test func equalityIsPythons() {
        #expect(JinjaValue.integer(1) == .float(1) && JinjaValue.bool(true) == .integer(1))
        #expect(JinjaValue.string("1") != .integer(1) && JinjaValue.none != .bool(false))
        #expect(JinjaValue.integer(9_007_199_254_740_993) != .float(9_007_199_254_740_992))
        #expect(JinjaValue.list([1]) != .tuple([1]))
        #expect((["a": 1, "b": 2] as JinjaValue) == ["b": 2, "a": 1])
        // Canonically equivalent, but other code points.
        #expect(JinjaValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(Set<JinjaValue>([1, 1.0, true, "é", "e\u{301}"]).count == 3)
    }

    @Test func objectsKeepTheirOrderWhateverTheirSize() {
        var object = JinjaObject()
        for index in 0..<100 { object["k\(index * 37 % 100)"] = .integer(index) }
        object["k37"] = "replaced"
        #expect(object.count == 100)
        #expect(object.keys.prefix(3) == ["k0", "k37", "k74"])
        #expect(object["k37"] == "replaced" && object["k99"] == 27 && object["nope"] == nil)
    }

    @Test func jsonKeepsOrderAndBigIntegers() throws {
        let text = #"{"z": 1, "a": [1.0, -2e3, true, null], "big": 18446744073709551615, "z": 2}"#
        let value = try JinjaValue(json: Array(text.utf8))
        #expect(value.objectValue?.keys == ["z", "a", "big"])
        let rendered = try JinjaTemplate("{{ x|tojson }} {{ x.big is integer }}").render([
            "x": value
        ])
        #expect(
            rendered
                == #"{"z": 2, "a": [1.0, -2000.0, true, null], "big": 18446744073709551615} True"#
        )
    }

    @Test func jsonStringsAreUnescaped() throws {
        let text = #" "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é" "#
        #expect(try JinjaValue(json: text.utf8) == "\"\\/\u{8}\u{C}\n\r\té😀é")
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "'a'", "01", "1.",
        ".5", "+1", "-", "1e", "nul", "tru", "NaN", "Infinity", "1 2", "\"a", "\"\\x\"",
        "\"\\u12\"", "\"\\ud800\"", "\"\\ude00\\ud83d\"", "\"\u{1}\"", "[1 2]", "{\"a\" 1}",
        "// c\n1",
    ])
    func malformedJSONIsRefused(text: String) {
        #expect(throws: JinjaJSONError.self) { try JinjaValue(json: text.utf8) }
    }

    @Test func jsonIsLimitedInDepthAndMustBeUTF8() throws {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        _ = try JinjaValue(json: deep.utf8)
        #expect(throws: JinjaJSONError.self) { try JinjaValue(json: "[\(deep)]".utf8) }
        let endless = String(repeating: "[{\"a\":", count: 100_000)
        #expect(throws: JinjaJSONError.self) { try JinjaValue(json: endless.utf8) }
        #expect(throws: JinjaJSONError.self) { try JinjaValue(json: [0x22, 0xFF, 0x22]) }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func randomBytesNeverCrashTheReader(seed: UInt64) {
        var random = JinjaSeededGenerator(seed: seed)
        let alphabet = Array("{}[]\":,\\u0123456789.eE+-truefalsn é\n".utf8)
        for _ in 0..<5_000 {
            let count = Int.random(in: 0..<30, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            _ = try? JinjaValue(json: bytes)
        }
    }

    @Test func decodersFillValues() throws {
        let text = #"{"a": [1, 2.5, "x", true, null], "b": {"c": -3}}"#
        let value = try JSONDecoder().decode(JinjaValue.self, from: Data(text.utf8))
        #expect(value == ["a": [1, 2.5, "x", true, .none], "b": ["c": -3]])
    }
}
