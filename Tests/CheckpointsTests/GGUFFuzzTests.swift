import Checkpoints
import Foundation
import Testing

/// Mutates right files: the reader must load the result or refuse it with a sentence, and never
/// crash, hang or reserve what a number in the file asks for.
@Suite struct GGUFFuzzTests {
    @Test(arguments: UInt64(1)...8)
    func mutatedHeadersLoadOrAreRefusedInASentence(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let writer = Sample.builder.write()
        var refused = 0
        for round in 0..<5000 {
            let bytes = mutated(writer, with: &random)
            if try !survives(bytes, "seed \(seed), round \(round)") { refused += 1 }
        }
        // Mutations that are never noticed, or always, would test nothing.
        #expect((500...4990).contains(refused), "seed \(seed): \(refused) of 5000 refused")
    }

    @Test(.enabled(if: modelPath != nil, "PUMICE_TEST_MODEL names no GGUF file"))
    func mutationsOfARealHeaderLoadOrAreRefused() throws {
        let path = try #require(modelPath)
        let model = try GGUFFile(path: path)
        let headerByteCount = model.tensors.map(\.fileOffset).min() ?? 0
        let handle = try #require(FileHandle(forReadingAtPath: path))
        let fileByteCount = try handle.seekToEnd()
        try handle.seek(toOffset: 0)
        let header = [UInt8](try #require(try handle.read(upToCount: headerByteCount)))
        let places = header.count - 8
        var random = SplitMix64(state: 42)
        var loaded = 0
        for round in 0..<200 {
            // The file is as long as the model, but sparse: only the header is written.
            let temporary = try TemporaryFile()
            var writer = GGUFWriter()
            writer.bytes = header
            writer.headerByteCount = header.count
            // Half of the mutations go to the start, where the model's own keys are.
            writer.fields = (0..<64).map { index in
                let limit = index < 32 ? min(4096, places) : places
                return .init(offset: Int.random(in: 0..<limit, using: &random), size: 8)
            }
            let bytes = mutated(writer, with: &random)
            let copy = try #require(FileHandle(forWritingAtPath: temporary.path))
            try copy.write(contentsOf: bytes)
            if round % 2 == 0 { try copy.truncate(atOffset: fileByteCount) }
            try copy.close()
            if try check("round \(round)", temporary.path, { try GGUFFile(path: temporary.path) }) {
                loaded += 1
            }
        }
        print("real header: \(loaded) of 200 mutations loaded")
    }

    private func survives(_ bytes: [UInt8], _ label: String) throws -> Bool {
        try check(label, "fuzz.gguf") { try GGUFFile(bytes: bytes, path: "fuzz.gguf") }
    }

    /// Whether `open` loads a file; if it does not, the error must be one that helps.
    private func check(
        _ label: String,
        _ path: String,
        _ open: () throws -> GGUFFile
    ) throws -> Bool {
        let clock = ContinuousClock()
        let start = clock.now
        defer { #expect(clock.now - start < .seconds(5), "\(label)") }
        do {
            let file = try open()
            // Whatever was let in can be read to the last byte.
            for tensor in file.tensors {
                let sum = file.withBytes(of: tensor) { bytes in
                    bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
                        &+ bytes.unsafeLoad(fromByteOffset: bytes.byteCount - 1, as: UInt8.self)
                }
                _ = sum
            }
            return true
        } catch let error as GGUFError {
            #expect(error.description.contains(path), "\(label): \(error)")
            #expect(error.description.utf8.count < 2000, "\(label): \(error)")
            return false
        }
    }
}

/// The model to try, where the machine has one.
let modelPath: String? = ProcessInfo.processInfo.environment["PUMICE_TEST_MODEL"].flatMap {
    FileManager.default.fileExists(atPath: $0) ? $0 : nil
}

/// One to four changes: flipped bits, fields set to extremes, a cut, or a splice.
private func mutated(_ writer: GGUFWriter, with random: inout SplitMix64) -> [UInt8] {
    var bytes = writer.bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
        guard !bytes.isEmpty else { break }
        let header = 0..<min(writer.headerByteCount, bytes.count)
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2:
            bytes[Int.random(in: header, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
        case 3...6:
            if let field = writer.fields.randomElement(using: &random) {
                let value = extreme(bytes.count, &random)
                for index in 0..<field.size where field.offset + index < bytes.count {
                    bytes[field.offset + index] = UInt8(truncatingIfNeeded: value >> (index * 8))
                }
            }
        case 7:
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
        case 8:
            let start = Int.random(in: header, using: &random)
            let count = Int.random(in: 0...min(40, bytes.count - start), using: &random)
            bytes.replaceSubrange(start..<start + count, with: [])
        default:
            let source = Int.random(in: header, using: &random)
            let piece = bytes[source..<min(bytes.count, source + 40)]
            bytes.insert(contentsOf: piece, at: Int.random(in: header, using: &random))
        }
    }
    return bytes
}

/// A number that readers get wrong.
private func extreme(_ byteCount: Int, _ random: inout SplitMix64) -> UInt64 {
    let choices: [UInt64] = [
        0, 1, 2, 8, 13, 255, 65_536, 1 << 31, 1 << 32, 1 << 60, 1 << 61, 1 << 62, 1 << 63, .max,
        .max - 7, .max / 2, .max / 12, UInt64(byteCount), UInt64(byteCount) - 1, random.next() % 64,
        random.next(), random.next() >> 32,
    ]
    return choices[Int.random(in: choices.indices, using: &random)]
}

/// Steele, Lea and Flood's generator: the same numbers for the same seed, everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
