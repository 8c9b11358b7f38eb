import Checkpoints
import Foundation
import Testing

@Suite struct GGUFFileTests {
    @Test(arguments: [UInt32(2), 3])
    func everyMetadataTypeIsReadAsItWasWritten(version: UInt32) throws {
        var builder = Sample.builder
        builder.version = version
        let file = try GGUFFile(bytes: builder.build(), path: "sample.gguf")
        #expect(file.version == version)
        #expect(file.metadata.entries.map(\.key) == Sample.pairs.map(\.key))
        for (key, value) in Sample.pairs { #expect(file.metadata[key] == value, "\(key)") }
        #expect(file.metadata["a.uint"] == nil)
        #expect(file.metadata.count == Sample.pairs.count)
    }

    @Test func tensorsAreInTheOrderOfTheFileWithShapesOutermostFirst() throws {
        let file = try GGUFFile(bytes: Sample.builder.build(), path: "sample.gguf")
        #expect(file.tensors.map(\.name) == Sample.tensors.map(\.name))
        #expect(file.tensors.map(\.shape) == [[3, 64], [5], [], [1, 2, 2, 256]])
        #expect(file.tensors.map(\.dataType) == [.q4_0, .f32, .f32, .q6_K])
        #expect(file.tensors.map(\.elementCount) == [192, 5, 1, 1024])
        #expect(file.tensors.map(\.byteCount) == [108, 20, 4, 840])
        #expect(file.tensor(named: "scalar") == file.tensors[2])
        #expect(file.tensor(named: "missing") == nil)
    }

    @Test func aMappedFileHandsOutTheBytesOfEachTensor() throws {
        let bytes = Sample.builder.build()
        let temporary = try TemporaryFile(bytes)
        let file = try GGUFFile(path: temporary.path)
        #expect(file.path == temporary.path)
        for (tensor, written) in zip(file.tensors, Sample.tensors) {
            #expect(tensor.fileOffset % 64 == 0)
            #expect(file.withBytes(of: tensor) { $0.array } == written.data)
            let place = tensor.fileOffset..<tensor.fileOffset + tensor.byteCount
            #expect(Array(bytes[place]) == written.data)
        }
    }

    @Test func rangesOfATensorAreRead() throws {
        let temporary = try TemporaryFile(Sample.builder.build())
        let files = [
            try GGUFFile(path: temporary.path),
            try GGUFFile(bytes: Sample.builder.build(), path: "sample.gguf"),
        ]
        for file in files {
            for (tensor, written) in zip(file.tensors, Sample.tensors) {
                let count = tensor.byteCount
                for range in [0..<count, 0..<count / 2, count / 3..<count, 1..<1] {
                    #expect(try read(range, of: tensor, in: file) == Array(written.data[range]))
                }
            }
        }
    }

    /// Mapped bytes that are gone end the process; read, they are an error.
    @Test func readingAFileThatHasBecomeShorterIsAnError() throws {
        let temporary = try TemporaryFile(Sample.builder.build())
        let file = try GGUFFile(path: temporary.path)
        let last = try #require(file.tensors.last)
        #expect(truncate(temporary.path, last.fileOffset + 100) == 0)
        #expect(try read(0..<100, of: last, in: file).count == 100)
        let expected = GGUFError.unreadable(
            path: temporary.path,
            reason: "it has become shorter"
        )
        #expect(throws: expected) { try read(0..<101, of: last, in: file) }
    }

    private func read(
        _ range: Range<Int>,
        of tensor: TensorInfo,
        in file: GGUFFile
    ) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: range.count)
        var span = bytes.mutableSpan
        var target = span.mutableBytes
        try file.read(tensor, range, into: &target, at: 0)
        return bytes
    }

    @Test func aTensorIsDequantizedFromItsBytes() throws {
        let file = try GGUFFile(bytes: Sample.builder.build(), path: "sample.gguf")
        let norm = try #require(file.tensor(named: "norm.weight"))
        let values = try file.floats(of: norm)
        #expect(values.count == 5)
        #expect(values[0] == 1)
    }

    @Test func theBytesOutliveTheFileValueThatIsCopied() throws {
        let temporary = try TemporaryFile(Sample.builder.build())
        var first: GGUFFile? = try GGUFFile(path: temporary.path)
        let second = try #require(first)
        first = nil
        #expect(second.withBytes(of: second.tensors[0]) { $0.byteCount } == 108)
    }

    @Test func errorsOfTheClosureComeThrough() throws {
        struct Stop: Error {}
        let file = try GGUFFile(bytes: Sample.builder.build(), path: "sample.gguf")
        #expect(throws: Stop.self) { try file.withBytes(of: file.tensors[0]) { _ in throw Stop() } }
    }

    /// Whether a test may start its own program again. Under the newer driver's wrapper the program
    /// that `/proc` names is the dynamic linker.
    private static let canStartItself: Bool = {
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return program.map { !$0.contains("ld-linux") } ?? false
    }()

    @Test(.enabled(if: canStartItself, "an exit test runs its own program; not under vkrun"))
    func bytesOutsideTheFileCannotBeHad() async {
        let result = await #expect(processExitsWith: .failure) {
            let file = try GGUFFile(bytes: Sample.builder.build(), path: "sample.gguf")
            let foreign = TensorInfo(name: "w", shape: [1 << 20], dataType: .f32, fileOffset: 0)
            file.withBytes(of: foreign) { print($0.byteCount) }
        }
        // A trap, not an error of the lines before it.
        guard case .signal = result?.exitStatus else {
            Issue.record("ended with \(result?.exitStatus as Any)")
            return
        }
    }

    @Test func aFileWithoutTensorsNeedsNoPadding() throws {
        var builder = GGUFBuilder()
        builder.pairs = [("general.architecture", .string("vocabulary only"))]
        let file = try GGUFFile(bytes: builder.build(), path: "vocabulary.gguf")
        #expect(file.tensors.isEmpty)
        #expect(file.metadata.count == 1)
    }

    @Test func theAlignmentIs32WhenTheFileDoesNotSay() throws {
        var builder = GGUFBuilder()
        builder.tensors = [.init("a", extents: [1]), .init("b", extents: [1])]
        let file = try GGUFFile(bytes: builder.build(), path: "plain.gguf")
        #expect(file.tensors[0].fileOffset % 32 == 0)
        #expect(file.tensors[1].fileOffset - file.tensors[0].fileOffset == 32)
    }

    @Test func tensorsMayLieInAnyOrderAndWithGaps() throws {
        var builder = GGUFBuilder()
        builder.tensors = [
            .init("late", extents: [2], offset: 64), .init("early", extents: [8], offset: 0),
        ]
        builder.tensors[1].data += .init(repeating: 0, count: 64)
        let file = try GGUFFile(bytes: builder.build(), path: "gaps.gguf")
        #expect(file.tensors[0].fileOffset == file.tensors[1].fileOffset + 64)
    }

    @Test func aVocabularyOf256000StringsLoadsWellWithinASecond() throws {
        let count = 262_144
        var builder = GGUFBuilder()
        builder.pairs = [
            ("tokens", .array(.string((0..<count).map { "Ġtoken number \($0)" }))),
            ("scores", .array(.float32((0..<count).map { -Float($0) }))),
            ("types", .array(.int32(.init(repeating: 1, count: count)))),
        ]
        let bytes = builder.build()
        var tokens: [String] = []
        let elapsed = try ContinuousClock().measure {
            tokens = try GGUFFile(bytes: bytes, path: "large.gguf").metadata.strings("tokens")
        }
        #expect(tokens.count == count && tokens[count - 1] == "Ġtoken number \(count - 1)")
        #expect(elapsed < .seconds(1))
        print("262144-token vocabulary: \(elapsed)")
    }
}
