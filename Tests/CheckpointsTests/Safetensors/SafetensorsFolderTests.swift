import Checkpoints
import Foundation
import Testing

/// Checkpoints of several files.
struct SafetensorsFolderTests {
    private let folder: String

    init() throws {
        let name = "pumice-safetensors-\(UUID().uuidString)"
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    private func writeShards() throws {
        for (index, name) in ["x", "y"].enumerated() {
            let tensor = "\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]"
            let header = "{\"\(name)\":{\(tensor)}}"
            let bytes = SafetensorsBuilder(
                header: header,
                data: Array(repeating: UInt8(index), count: 4)
            )
            try write("part-\(index).safetensors", bytes.build())
        }
    }

    private func refuse(index: String, _ word: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writeShards()
        try write("model.safetensors.index.json", Array(index.utf8))
        let error = #expect(throws: SafetensorsError.self) { try SafetensorsFolder(path: folder) }
        let text = error?.description ?? ""
        #expect(text.contains(word), "no “\(word)” in: \(text)")
        #expect(text.contains(folder))
    }

    @Test func oneFileIsAFolderToo() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write("model.safetensors", SafetensorsBuilder.sample.build())
        let checkpoint = try SafetensorsFolder(path: folder)
        #expect(checkpoint.files == ["model.safetensors"])
        #expect(checkpoint.tensors.map(\.name) == ["a", "b", "s"])
        #expect(checkpoint.tensor(named: "b")?.shape == [2, 3])
    }

    @Test func tensorsOfAllFilesAreFound() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writeShards()
        let index = """
            {"metadata": {"total_size": 8}, "weight_map":
            {"x": "part-0.safetensors", "y": "part-1.safetensors"}}
            """
        try write("model.safetensors.index.json", Array(index.utf8))
        let checkpoint = try SafetensorsFolder(path: folder)
        #expect(checkpoint.tensors.map(\.name) == ["x", "y"])
        for (name, byte) in [("x", 0), ("y", 1)] as [(String, UInt8)] {
            let tensor = try #require(checkpoint.tensor(named: name))
            let found = checkpoint.withBytes(of: tensor) {
                $0.unsafeLoad(fromByteOffset: 3, as: UInt8.self)
            }
            #expect(found == byte)
        }
    }

    @Test(arguments: [
        ("{\"weight_map\":{}}", "0 files"),
        ("{\"weight_map\":{\"x\":\"../part-0.safetensors\"}}", "no file beside the index"),
        ("{\"weight_map\":{\"x\":\"other.bin\"}}", "no file beside the index"),
        ("{\"weight_map\":{\"x\":1}}", "should have string"),
        ("{\"weight_map\":{\"x\":\"part-2.safetensors\"}}", "part-2.safetensors"),
        (
            "{\"weight_map\":{\"x\":\"part-0.safetensors\",\"y\":\"part-0.safetensors\"}}",
            "it has tensor 'y' in part-0.safetensors, and the tensor is in none"
        ),
        (
            "{\"weight_map\":{\"x\":\"part-1.safetensors\",\"y\":\"part-0.safetensors\"}}",
            "and the tensor is in part-"
        ),
    ])
    func anIndexThatIsWrongIsRefused(index: String, word: String) throws {
        try refuse(index: index, word)
    }
}
