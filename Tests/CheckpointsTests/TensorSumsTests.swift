import Checkpoints
import Foundation
import Testing

/// With `PUMICE_TEST_GEMMA`, the path of Gemma 3 270M in Q4_K_M: every tensor of a published file
/// in five formats, dequantised to the bits that the `gguf` package finds.
@Suite struct TensorSumsTests {
    private static let path = ProcessInfo.processInfo.environment["PUMICE_TEST_GEMMA"]

    /// What `make_tensor_sums.py` wrote.
    private struct Golden: Decodable {
        let sha256: String
        /// Name: format and sum.
        let tensors: [String: [String]]
    }

    @Test(.enabled(if: path != nil, "PUMICE_TEST_GEMMA names no GGUF file"))
    func everyTensorHasThePackagesBits() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let url = folder.appendingPathComponent("Goldens/tensor_sums.json")
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        let file = try GGUFFile(path: try #require(Self.path))
        #expect(Set(file.tensors.map(\.name)) == Set(golden.tensors.keys))
        for tensor in file.tensors {
            var sum: UInt64 = 0
            for (index, value) in try file.floats(of: tensor).enumerated() {
                sum &+= UInt64(value.bitPattern) &* (2 &* UInt64(index) &+ 1)
            }
            let digits = String(sum, radix: 16)
            let found = String(repeating: "0", count: 16 - digits.count) + digits
            #expect(golden.tensors[tensor.name] == ["\(tensor.dataType)", found], "\(tensor.name)")
        }
    }
}
