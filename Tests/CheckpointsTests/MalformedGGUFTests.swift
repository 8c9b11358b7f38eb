import Checkpoints
import Foundation
import Testing

/// Each way a file can be wrong, and what the refusal must say besides the file's name.
@Suite struct MalformedGGUFTests {
    /// Expects the bytes to be refused with a sentence that has all of `words` in it.
    private func refuse(
        _ bytes: [UInt8],
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expectRefusal(words + ["bad.gguf"], sourceLocation) {
            try GGUFFile(bytes: bytes, path: "bad.gguf")
        }
    }

    /// The same for a plain version 3 file with one change.
    private func refuse(
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout GGUFBuilder) -> Void
    ) {
        var builder = GGUFBuilder()
        change(&builder)
        expectRefusal(words + ["bad.gguf"], sourceLocation) {
            try GGUFFile(bytes: builder.build(), path: "bad.gguf")
        }
    }

    private func expectRefusal(
        _ words: [String],
        _ sourceLocation: SourceLocation,
        _ open: () throws -> GGUFFile
    ) {
        let error = #expect(throws: GGUFError.self, sourceLocation: sourceLocation) {
            _ = try open()
        }
        let text = error?.description ?? ""
        for word in words {
            #expect(text.contains(word), "no “\(word)” in: \(text)", sourceLocation: sourceLocation)
        }
    }

    @Test func filesOfOtherKindsAreNamed() {
        refuse("not a GGUF file", "magic", "byte 0", "0x504b0304") {
            $0.magic = [0x50, 0x4B, 3, 4]
        }
        refuse("before GGUF") { $0.magic = Array("tjgg".utf8) }
        refuse("web page") { $0.magic = Array("<!DO".utf8) }
        refuse([UInt8]("version https://git-lfs.github.com/spec/v1".utf8), "Git LFS pointer")
        refuse("big-endian") { $0.magic = Array("FUGG".utf8) }
        refuse("big-endian", "byte 4") { $0.version = UInt32(3).byteSwapped }
        refuse("version 1", "byte 4") { $0.version = 1 }
        refuse("version 4") { $0.version = 4 }
        refuse("version 0") { $0.version = 0 }
    }

    @Test func countsAreCheckedAgainstTheBytesThatRemain() {
        refuse([], "magic", "needs 4 bytes and 0 remain")
        refuse(Array("GGUF".utf8), "the version at byte 4")
        refuse("the tensor count", "byte 8", "18446744073709551615") { $0.tensorCount = .max }
        refuse("the metadata count", "byte 16") { $0.pairCount = .max / 14 }
        refuse("the tensor count", "byte 8") { $0.tensorCount = 1 }
        refuse("the metadata count", "byte 16") { $0.pairCount = 1 }
    }

    @Test func aLengthThatPassesTheEndIsRefused() {
        var bytes = GGUFBuilder.withPair("key", .string("text")).build()
        bytes.replaceSubrange(24..<32, with: [255, 255, 255, 255, 255, 255, 255, 127])
        refuse(bytes, "the length of metadata key 0", "byte 24", "9223372036854775807")
        var string = GGUFBuilder.withPair("key", .string("text")).build()
        string[39] = 5
        refuse(string, "the length of the value of 'key'", "byte 39")
        var array = GGUFBuilder.withPair("key", .array(.uint32([1, 2]))).build()
        array[43] = 3
        refuse(array, "the element count of 'key', which is 3,", "byte 43")
        array.replaceSubrange(43..<51, with: [UInt8](repeating: 255, count: 8))
        refuse(array, "the element count of 'key'", "byte 43")
    }

    @Test func everyTruncationIsRefused() throws {
        let writer = Sample.builder.write()
        let last = try #require(
            GGUFFile(bytes: writer.bytes, path: "whole.gguf").tensors.last
        )
        for count in 0..<last.fileOffset + last.byteCount {
            refuse(Array(writer.bytes[..<count]), "byte")
        }
    }

    @Test func textMustBeUTF8() {
        var bytes = GGUFBuilder.withPair("key", .string("text")).build()
        bytes[47] = 0xFF
        refuse(bytes, "the value of 'key'", "byte 39", "UTF-8")
        bytes[32] = 0xC0
        refuse(bytes, "metadata key 0", "byte 24", "UTF-8")
    }

    @Test func typesAndBoolsMustBeKnown() {
        var bytes = GGUFBuilder.withPair("key", .bool(true)).build()
        bytes[39] = 2
        refuse(bytes, "the value of 'key'", "byte 39", "neither 0 nor 1")
        bytes[35] = 13
        refuse(bytes, "the type of 'key'", "byte 35", "13")
        var array = GGUFBuilder.withPair("key", .array(.uint8([]))).build()
        array[39] = 77
        refuse(array, "the element type of 'key'", "byte 39", "77")
    }

    @Test func arraysNestOnlySoDeep() throws {
        func nested(_ depth: Int) -> MetadataArray {
            depth == 1 ? .uint8([1]) : .array([nested(depth - 1)])
        }
        let deepest = GGUFBuilder.withPair("key", .array(nested(4)))
        #expect(
            try GGUFFile(bytes: deepest.build(), path: "ok.gguf").metadata["key"]
                == .array(nested(4))
        )
        refuse(
            GGUFBuilder.withPair("key", .array(nested(5))).build(),
            "the depth of the arrays in",
            "'key'",
            "limit is 4"
        )
        refuse(GGUFBuilder.withPair("key", .array(nested(500))).build(), "limit is 4")
    }

    @Test func namesAndKeysOccurOnce() {
        refuse("duplicate of the key at byte 24", "'key'", "byte 40") {
            $0.pairs = [("key", .uint8(1)), ("key", .uint8(1))]
        }
        refuse("'w'", "duplicate of the name at byte 24") {
            $0.tensors = [.init("w", extents: [1]), .init("w", extents: [1])]
        }
        refuse("metadata key 0", "empty") { $0.pairs = [("", .uint8(1))] }
        refuse("the name of tensor 0", "empty") { $0.tensors = [.init("", extents: [1])] }
        refuse("the length of the name of tensor 0", "257", "limit is 256") {
            $0.tensors = [.init(String(repeating: "x", count: 257), extents: [1])]
        }
        refuse("the length of metadata key 0", "limit is 65535") {
            $0.pairs = [(String(repeating: "x", count: 65_536), .uint8(1))]
        }
    }

    @Test func textOfTheFileIsEscapedInMessages() {
        refuse("\\u{1B}[31m\\n") {
            $0.pairs = .init(repeating: ("\u{1B}[31m\n", .uint8(1)), count: 2)
        }
    }

    @Test(
        arguments: [.uint32(0), .uint32(48), .int32(-32), .uint64(.max), .string("32")]
            as [MetadataValue]
    )
    func theAlignmentIsAPowerOfTwo(value: MetadataValue) {
        refuse("'general.alignment'", "byte 49", "no power of two") {
            $0.pairs = [("general.alignment", value)]
        }
    }

    @Test func tensorsAreOfKnownTypesAndWholeBlocks() {
        refuse("the type of tensor 'w'", "byte 45", "is 99") {
            $0.tensors = [.init("w", extents: [1], type: 99)]
        }
        refuse("the shape of tensor 'w'", "rows of 33", "Q4_0's block of 32") {
            $0.tensors = [.init("w", extents: [33, 32], type: DataType.q4_0.rawValue)]
        }
        refuse("the dimension count of tensor 'w'", "is 5", "limit is 4") {
            $0.tensors = [.init("w", extents: [1, 1, 1, 1, 1])]
        }
        refuse("dimension 1 of tensor 'w'", "is 0") {
            $0.tensors = [.init("w", extents: [4, 0])]
        }
        refuse("dimension 0 of tensor 'w'", "is 18446744073709551615") {
            $0.tensors = [.init("w", extents: [.max])]
        }
        refuse("the shape of tensor 'w'", "more than 2^63 - 1 bytes") {
            $0.tensors = [.init("w", extents: [1 << 31, 1 << 31, 2])]
        }
    }

    @Test func tensorsLieAlignedInsideTheFileAndApart() {
        refuse("the data offset of tensor 'w'", "is 4", "alignment 32") {
            $0.tensors = [.init("w", extents: [1], offset: 4)]
        }
        refuse("the data offset of tensor 'w'", "is 64", "do not fit") {
            $0.tensors = [.init("w", extents: [1], offset: 64)]
        }
        refuse("the data offset of tensor 'w'", "do not fit") {
            $0.tensors = [.init("w", extents: [1], offset: .max - 31)]
        }
        refuse("the data offset of tensor 'w'", "16384 bytes do not fit") {
            $0.tensors = [.init("w", extents: [4096], data: [1])]
        }
        refuse("the data offset of tensor 'second'", "inside tensor 'first'") {
            $0.tensors = [
                .init("first", extents: [9]), .init("second", extents: [1], offset: 32),
            ]
        }
        refuse("the data offset of tensor", "inside tensor") {
            $0.tensors = [.init("a", extents: [1], offset: 0), .init("b", extents: [1], offset: 0)]
        }
    }

    @Test func countsAndSizesHaveLimitsThatTheFilesSizeDoesNotLift() throws {
        let arrayOverLimit = GGUFBuilder.withPair("key", .array(.uint8([]))).write()
        var header = arrayOverLimit.bytes
        header.replaceSubrange(43..<51, with: [0, 0, 0, 16, 0, 0, 0, 0])
        try refuseSparse(header, "the end of the elements of 'key'", "limit is 268435456")
        var builder = GGUFBuilder()
        builder.tensorCount = 262_145
        try refuseSparse(builder.build(), "the tensor count at byte 8 is 262145", "limit is 262144")
        builder = GGUFBuilder()
        builder.pairCount = 1 << 24
        try refuseSparse(builder.build(), "the metadata count at byte 16", "limit is 65536")
    }

    /// Expects a file of 512 MiB that starts with `header` and is zero after it to be refused.
    private func refuseSparse(
        _ header: [UInt8],
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let temporary = try TemporaryFile(header)
        let handle = try #require(FileHandle(forWritingAtPath: temporary.path))
        try handle.truncate(atOffset: 512 << 20)
        expectRefusal(words + [temporary.path], sourceLocation) {
            try GGUFFile(path: temporary.path)
        }
    }

    @Test func whatIsNoReadableFileIsRefusedWithTheReason() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let absent = folder + "/no-such-model-\(UUID().uuidString).gguf"
        let empty = try TemporaryFile()
        for (path, reason) in [
            (absent, "No such file"), (folder, "folder"), (empty.path, "empty"),
            ("/dev/null", "not a file"),
        ] {
            let error = #expect(throws: GGUFError.self) { try GGUFFile(path: path) }
            #expect(error?.description.contains(path) == true)
            #expect(error?.description.contains(reason) == true, "\(error as Any)")
        }
    }
}

extension GGUFBuilder {
    /// A file with one pair and nothing else: the key's length is at byte 24, the key at 32.
    static func withPair(_ key: String, _ value: MetadataValue) -> GGUFBuilder {
        var builder = GGUFBuilder()
        builder.pairs = [(key, value)]
        return builder
    }
}
