import Checkpoints
import Foundation
import Models
import Testing

/// What becomes of a checkpoint's tensors that are quantised as they are read.
struct QuantizedCheckpointTests {
    /// A llama's folder with rows of some lengths, in BF16.
    private func folder() -> TinyFolder {
        func tensor(_ name: String, _ shape: [Int]) -> TinyFolder.Tensor {
            var state = UInt64(name.utf8.count)
            let numbers = (0..<shape.reduce(1, *)).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Float(Int64(bitPattern: state) >> 40) / Float(1 << 26)
            }
            return .init(name, "BF16", shape, numbers.flatMap { DataType.bf16.bytes(of: $0) })
        }
        let layer = "model.layers.0."
        return TinyFolder(
            config: ["tie_word_embeddings": false],
            tensors: [
                tensor("model.embed_tokens.weight", [40, 512]),
                tensor("lm_head.weight", [40, 512]),
                tensor("model.norm.weight", [512]),
                tensor(layer + "input_layernorm.weight", [512]),
                tensor(layer + "self_attn.q_proj.weight", [70, 512]),
                tensor(layer + "self_attn.q_proj.bias", [70]),
                tensor(layer + "mlp.down_proj.weight", [512, 96]),
                tensor(layer + "mlp.up_proj.weight", [16, 40]),
            ]
        )
    }

    private func open(
        _ quantization: Quantization?,
        _ body: (any ModelCheckpoint) throws -> Void
    ) throws {
        try withTemporaryFolder { path in
            try folder().write(path)
            try body(openModelCheckpoint(path: path, quantization: quantization))
        }
    }

    @Test(arguments: [
        (Quantization.q8_0, [DataType.q8_0, .q8_0, .q8_0, .q8_0]),
        (.q6_k, [.q6_K, .q6_K, .q6_K, .q8_0]), (.q4_k, [.q4_K, .q6_K, .q4_K, .q8_0]),
    ])
    func matricesGetTheirTypesAndTheRestStays(
        _ quantization: Quantization,
        _ types: [DataType]
    ) throws {
        try open(quantization) { checkpoint in
            func type(_ name: String) -> DataType? { checkpoint.tensor(named: name)?.dataType }
            let found = ["token_embd", "output", "blk.0.attn_q", "blk.0.ffn_down"]
                .map { type($0 + ".weight") }
            #expect(found == types)
            // Rows of 40 are no blocks.
            #expect(type("blk.0.ffn_up.weight") == .bf16)
            #expect(type("blk.0.attn_norm.weight") == .bf16 && type("blk.0.attn_q.bias") == .bf16)
            #expect(type("blk.0.attn_k.weight") == nil)
            // Estimates of memory count what is listed.
            #expect(checkpoint.tensors.count == 8)
            for tensor in checkpoint.tensors {
                let whole = tensor.elementCount / tensor.dataType.blockSize
                #expect(tensor.byteCount == whole * tensor.dataType.blockByteCount)
            }
            let note = try #require(checkpoint.notes.first)
            #expect(note.contains("to Q8_0") && note.contains("1 in BF16 stay"), "\(note)")
        }
    }

    /// Whatever range is asked for, by however many threads it is made.
    @Test(arguments: [Quantization.q8_0, .q4_k])
    func rangesAreThoseOfTheWhole(_ quantization: Quantization) throws {
        try open(quantization) { checkpoint in
            let matrix = try #require(checkpoint.tensor(named: "blk.0.attn_q.weight"))
            let whole = checkpoint.withBytes(of: matrix) { bytes in
                (0..<bytes.byteCount).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
            }
            #expect(whole.count == matrix.byteCount)
            let row = matrix.byteCount / 70
            for range in [0..<whole.count, 0..<row, row..<3 * row, 5..<6, row - 1..<row + 1] {
                var bytes = [UInt8](repeating: 0xAA, count: range.count + 2)
                var span = bytes.mutableSpan
                var target = span.mutableBytes
                try checkpoint.read(matrix, range, into: &target, at: 1)
                #expect(bytes == [0xAA] + whole[range] + [0xAA], "\(range)")
            }
        }
    }

    @Test func theNumbersStayNear() throws {
        try open(nil) { floats in
            let exact = try floats.floats(of: #require(floats.tensor(named: "blk.0.attn_q.weight")))
            let greatest = exact.map { abs($0) }.max() ?? 0
            for (quantization, most) in [(Quantization.q8_0, 0.005), (.q6_k, 0.04), (.q4_k, 0.15)] {
                try open(quantization) { checkpoint in
                    let matrix = try #require(checkpoint.tensor(named: "blk.0.attn_q.weight"))
                    let found = try checkpoint.floats(of: matrix)
                    let worst = zip(exact, found).map { abs($0 - $1) }.max() ?? .infinity
                    #expect(Double(worst / greatest) < most && worst > 0, "\(quantization)")
                }
            }
        }
    }

    @Test func routersStayAsTheyAre() throws {
        try withTemporaryFolder { path in
            try CheckpointFixture(name: "qwen3moe").writeFolder(path)
            let checkpoint = try openModelCheckpoint(path: path, quantization: .q8_0)
            func type(_ name: String) -> DataType? { checkpoint.tensor(named: name)?.dataType }
            #expect(type("blk.1.ffn_gate_inp.weight") == .f32)
            #expect(type("blk.1.ffn_gate.3.weight") == .q8_0)
        }
    }

    @Test func whatIsQuantizedAlreadyIsRefusedByName() throws {
        try withTemporaryFolder { path in
            try CheckpointFixture(name: "qwen2-awq").writeFolder(path)
            // Its embedding is in floats.
            let checkpoint = try openModelCheckpoint(path: path, quantization: .q8_0)
            #expect(checkpoint.tensor(named: "token_embd.weight")?.dataType == .q8_0)
            #expect(checkpoint.tensor(named: "blk.0.attn_q.weight")?.dataType == .q4_1)
        }
        try withTemporaryFolder { path in
            var quantized = folder()
            quantized.tensors = [
                .init("lm_head.weight", "I8", [2, 32], .init(repeating: 1, count: 64))
            ]
            try quantized.write(path)
            let error = #expect(throws: ModelError.self) {
                try openModelCheckpoint(path: path, quantization: .q4_k)
            }
            #expect(error == .nothingToQuantize(file: path, types: ["I8"]))
            #expect(error?.description.contains("Leave out --quantization") == true)
        }
    }
}
