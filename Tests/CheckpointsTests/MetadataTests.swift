import Checkpoints
import Testing

@Suite struct MetadataTests {
    private let metadata = Metadata(
        Sample.pairs.map { Metadata.Entry(key: $0.key, value: $0.value) },
        path: "model.gguf"
    )

    @Test func integersOfEveryWidthAreRead() throws {
        let expected = [
            "a.uint8": 200, "a.int8": -100, "a.uint16": 60_000, "a.int16": -30_000,
            "a.uint32": 4_000_000_000, "a.int32": -2_000_000_000, "a.int64": Int.min,
        ]
        for (key, value) in expected { #expect(try metadata.integer(key) == value, "\(key)") }
        let arrays = [
            "of.uint8": [1, 255], "of.int8": [-1, 127], "of.uint16": [1, 65_535],
            "of.int16": [-1, 32_767], "of.uint32": [1, 4_294_967_295],
            "of.int32": [-1, 2_147_483_647], "of.uint64": [1, 2], "of.int64": [-1, Int.max],
        ]
        for (key, values) in arrays { #expect(try metadata.integers(key) == values, "\(key)") }
    }

    @Test func numbersStringsAndBoolsAreRead() throws {
        #expect(try metadata.float("a.float32") == Double(Float(1.5e-5)))
        #expect(try metadata.float("a.float64") == -0.1)
        #expect(try metadata.float("a.int8") == -100)
        #expect(try metadata.floats("of.float32") == [0.5, -3])
        #expect(try metadata.floats("of.float64") == [0.1, 9])
        #expect(try metadata.floats("of.int32") == [-1, 2_147_483_647])
        #expect(try metadata.floats("of.nothing") == [])
        #expect(try metadata.bool("a.true"))
        #expect(try !metadata.bool("a.false"))
        #expect(try metadata.bools("of.bool") == [true, false, true])
        #expect(try metadata.string("a.string") == "naïve 模型 🪨")
        #expect(try metadata.strings("of.string") == ["<s>", "", "Ġthe"])
    }

    @Test func aMissingKeyIsNamedWithItsFile() throws {
        let missing = MetadataError.missing(path: "model.gguf", key: "k")
        #expect(throws: missing) { try metadata.string("k") }
        #expect(throws: missing) { try metadata.integer("k") }
        #expect(throws: missing) { try metadata.float("k") }
        #expect(throws: missing) { try metadata.bool("k") }
        #expect(throws: missing) { try metadata.strings("k") }
        #expect(throws: missing) { try metadata.integers("k") }
        #expect(throws: missing) { try metadata.floats("k") }
        #expect(throws: missing) { try metadata.bools("k") }
        #expect(missing.description.contains("model.gguf"))
        #expect(missing.description.contains("'k'"))
    }

    @Test func theOptionalFormsReturnNilOnlyWhenTheKeyIsAbsent() throws {
        #expect(try metadata.optionalString("k") == nil)
        #expect(try metadata.optionalInteger("k") == nil)
        #expect(try metadata.optionalFloat("k") == nil)
        #expect(try metadata.optionalBool("k") == nil)
        #expect(try metadata.optionalStrings("k") == nil)
        #expect(try metadata.optionalIntegers("k") == nil)
        #expect(try metadata.optionalFloats("k") == nil)
        #expect(try metadata.optionalBools("k") == nil)
        #expect(try metadata.optionalInteger("a.uint8") == 200)
        #expect(throws: MetadataError.self) { try metadata.optionalString("a.uint8") }
        #expect(throws: MetadataError.self) { try metadata.optionalInteger("a.string") }
        #expect(throws: MetadataError.self) { try metadata.optionalFloat("a.true") }
        #expect(throws: MetadataError.self) { try metadata.optionalBool("a.uint8") }
        #expect(throws: MetadataError.self) { try metadata.optionalStrings("of.bool") }
        #expect(throws: MetadataError.self) { try metadata.optionalIntegers("a.uint8") }
        #expect(throws: MetadataError.self) { try metadata.optionalFloats("of.string") }
        #expect(throws: MetadataError.self) { try metadata.optionalBools("of.uint8") }
    }

    @Test func aWrongTypeIsSaidInWords() {
        let error = #expect(throws: MetadataError.self) { try metadata.integer("of.string") }
        #expect(
            error?.description == "model.gguf: metadata key 'of.string' should be an integer and "
                + "is array of 3 × string."
        )
    }

    @Test func anIntegerThatNoIntHoldsIsOutOfRange() {
        let error = #expect(throws: MetadataError.self) { try metadata.integer("a.uint64") }
        #expect(
            error
                == .outOfRange(path: "model.gguf", key: "a.uint64", value: "18446744073709551615")
        )
        let large = Metadata([.init(key: "k", value: .array(.uint64([1, .max])))])
        #expect(throws: MetadataError.self) { try large.integers("k") }
    }
}
