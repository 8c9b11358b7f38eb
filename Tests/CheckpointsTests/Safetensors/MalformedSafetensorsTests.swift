import Checkpoints
import Foundation
import Testing

/// Each way a safetensors file can be wrong, and what the refusal must say besides its name.
struct MalformedSafetensorsTests {
    private func refuse(
        _ bytes: [UInt8],
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: SafetensorsError.self, sourceLocation: sourceLocation) {
            try SafetensorsFile(bytes: bytes, path: "bad.safetensors")
        }
        let text = error?.description ?? ""
        for word in words + ["bad.safetensors"] {
            #expect(text.contains(word), "no “\(word)” in: \(text)", sourceLocation: sourceLocation)
        }
    }

    private func refuse(
        header: String,
        _ word: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let bytes = SafetensorsBuilder(header: header, data: [1, 2, 3, 4]).build()
        refuse(bytes, word, sourceLocation: sourceLocation)
    }

    private func refuse(
        tensor: String,
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let bytes = SafetensorsBuilder.one(tensor, byteCount: 16)
        for word in words { refuse(bytes, word, sourceLocation: sourceLocation) }
    }

    @Test func lengthsAreCheckedBeforeAnythingIsRead() {
        let sample = SafetensorsBuilder.sample
        refuse([], "8 bytes")
        refuse([1, 2, 3], "8 bytes and it has 3")
        refuse(sample.build(announcing: .max), "limit is 100000000")
        refuse(sample.build(announcing: 1 << 63), "limit is 100000000")
        refuse(sample.build(announcing: 99_999_999), "100000007 bytes", "incomplete")
        refuse(Array(sample.build().dropLast()), "ends too early", "incomplete")
        refuse(sample.build() + [0], "describes 29 bytes of data, and the file has 30")
        refuse(sample.build(announcing: 0), "value is missing")
    }

    @Test func filesOfOtherKindsAreNamed() {
        refuse(Array("version https://git-lfs".utf8), "Git LFS pointer")
        refuse(Array("<!doctype html>".utf8), "web page")
        refuse(Array("GGUF\u{3}\0\0\0\u{9}\u{9}".utf8), "GGUF file")
        refuse(Array("PK\u{3}\u{4}\u{9}\u{9}\u{9}\u{9}".utf8), "PyTorch")
    }

    @Test func headersThatAreNoJSONOfThisShapeAreRefused() {
        refuse(header: "[]", "should have object, and has array")
        refuse(header: "{", "key in quotes")
        refuse(header: "{}x", "something follows")
        refuse(header: "{\"a\":1}", "should have object, and has number")
        refuse(header: "{\"a\":{}}", "without a dtype")
        refuse(header: "{\"__metadata__\":{\"a\":1}}", "should have string")
        refuse(header: "{\"__metadata__\":{},\"__metadata__\":{}}", "occurs twice")
        refuse(header: "{\"a\" {}}", "':'")
        refuse(header: "{\"a\u{1}\":{}}", "escaped")
        refuse(header: "{\"a\\x\":{}}", "no such escape")
        refuse(header: "{\"a\\ud800\":{}}", "surrogate")
        refuse(header: "{\"\":{}}", "0 bytes")
        refuse(header: "{\"\(String(repeating: "a", count: 600))\":{}}", "600 bytes")
        let deep = String(repeating: "{\"a\":", count: 10_000)
        refuse(header: deep, "unknown key 'a'")
        refuse(header: "{\"a\":{\"shape\":\(String(repeating: "[", count: 10_000))", "has array")
        var bytes = SafetensorsBuilder(header: "{\"ab\":{}}").build()
        bytes[10] = 0xFF
        refuse(bytes, "UTF-8")
    }

    @Test func tensorsThatCannotBeAreRefused() {
        let right = "\"dtype\":\"F32\",\"shape\":[4]"
        refuse(tensor: right + ",\"data_offsets\":[0,12]", "0 to 12", "takes 16")
        refuse(tensor: right + ",\"data_offsets\":[4,20]", "begins at byte 4")
        refuse(tensor: right + ",\"data_offsets\":[16,0]", "16 to 0")
        refuse(tensor: right + ",\"data_offsets\":[-16,0]", "negative")
        refuse(tensor: right + ",\"data_offsets\":[0]", "two data_offsets")
        refuse(tensor: right + ",\"data_offsets\":[0,16,32]", "more than 2")
        refuse(tensor: right + ",\"data_offsets\":[0,1e1]", "no integer")
        refuse(tensor: right + ",\"data_offsets\":[0,99999999999999999999]", "no integer")
        refuse(tensor: right + ",\"data_offsets\":[0,16],\"x\":1", "unknown key")
        refuse(tensor: right + ",\"shape\":[4],\"data_offsets\":[0,16]", "occurs twice")
        refuse(
            tensor: "\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[0,16]",
            "'F4'",
            "not read here"
        )
        refuse(
            tensor: "\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,16]",
            "2^63"
        )
        refuse(
            tensor: "\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,4],\"data_offsets\":[0,16]",
            "more than 8"
        )
        refuse(
            tensor: "\"dtype\":\"F64\",\"shape\":[4],\"data_offsets\":[0,32]",
            "ends too early"
        )
    }

    @Test func tensorsThatShareBytesOrLeaveSomeOutAreRefused() {
        func file(_ first: String, _ second: String) -> [UInt8] {
            let tensor = { (name: String, ends: String) in
                "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[\(ends)]}"
            }
            let header = "{\(tensor("x", first)),\(tensor("y", second))}"
            return SafetensorsBuilder(header: header, data: Array(0..<8)).build()
        }
        #expect(throws: Never.self) { try SafetensorsFile(bytes: file("0,4", "4,8"), path: "x") }
        refuse(file("0,4", "3,7"), "begins at byte 3", "ends at 4")
        refuse(file("0,4", "0,4"), "begins at byte 0", "ends at 4")
        refuse(file("0,4", "5,9"), "begins at byte 5")
    }

    @Test func namesThatAreTheSameTextAreRefused() {
        let tensor = { (name: String, ends: String) in
            "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[\(ends)]}"
        }
        let header = "{\(tensor("\u{e9}", "0,4")),\(tensor("e\u{301}", "4,8"))}"
        refuse(
            SafetensorsBuilder(header: header, data: Array(0..<8)).build(),
            "in another spelling"
        )
    }

    /// Mutated files load, and then every byte can be read, or are refused in a sentence.
    @Test(arguments: UInt64(1)...4)
    func mutatedFilesLoadOrAreRefusedInASentence(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let whole = SafetensorsBuilder.sample.build()
        var refused = 0
        for round in 0..<5000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1...2:
                    bytes[place] =
                        Array("{}[]\",:0123456789".utf8).randomElement(using: &random) ?? 0
                case 3: bytes.removeLast(Int.random(in: 0..<min(20, bytes.count), using: &random))
                case 4: bytes.insert(bytes[place], at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 4))
                }
                if bytes.isEmpty { bytes = [0] }
            }
            do {
                let file = try SafetensorsFile(bytes: bytes, path: "fuzz")
                for tensor in file.tensors { _ = file.withBytes(of: tensor) { $0.byteCount } }
            } catch {
                refused += 1
                #expect(error.description.contains("fuzz"), "seed \(seed), round \(round)")
                #expect(error.description.utf8.count < 2000, "seed \(seed), round \(round)")
            }
        }
        #expect((1000...4999).contains(refused), "seed \(seed): \(refused) of 5000 refused")
    }
}
