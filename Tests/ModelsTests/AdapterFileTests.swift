import Checkpoints
import Foundation
import Models
import Testing

/// Adapters that are not taken, and what is said of them.
@Suite struct AdapterFileTests {
    /// A change of adapter_config.json, and what must be said of it.
    struct BadConfiguration: CustomTestStringConvertible, Sendable {
        let json: String
        let message: String
        var testDescription: String { json }
    }

    static let configurations = [
        (#""peft_type": "IA3""#, "peft_type `IA3`; only LORA is not supported"),
        (#""use_dora": true"#, "`use_dora` is not supported"),
        (#""lora_bias": true"#, "`lora_bias` is not supported"),
        (#""bias": "all""#, "`bias` of `all` is not supported"),
        (#""modules_to_save": ["lm_head"]"#, "`modules_to_save` is not supported"),
        (#""rank_pattern": {"q_proj": 8}"#, "`rank_pattern` is not supported"),
        (#""target_parameters": ["mlp.experts"]"#, "`target_parameters` is not supported"),
        (#""alora_invocation_tokens": [3]"#, "`alora_invocation_tokens` is not supported"),
        (#""init_lora_weights": "pissa""#, "`init_lora_weights` of `pissa` is not supported"),
        (#""r": 0"#, "`r` must be a positive whole number"),
        (#""r": "4""#, "`r` must be a positive whole number"),
        (#""lora_alpha": "x""#, "`lora_alpha` a number"),
        (#""r": 5"#, "has the shape [4, "),
        (#""r": 17"#, "the adapter's rank is 17, the limit is 16"),
    ].map { BadConfiguration(json: $0.0, message: $0.1) }

    @Test(arguments: configurations)
    func anotherKindOfAdapterIsRefusedByName(_ bad: BadConfiguration) throws {
        let change = try #require(
            JSONSerialization.jsonObject(with: Data("{\(bad.json)}".utf8)) as? [String: Any]
        )
        try withAdapter { path in
            let file = URL(fileURLWithPath: path + "/adapter_config.json")
            var json = try #require(
                JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
            )
            json.merge(change) { $1 }
            try JSONSerialization.data(withJSONObject: json).write(to: file)
            try expectRefusal(path, bad.message)
        }
    }

    /// Names of tensors in place of others of the same length, and what must be said.
    @Test(arguments: [
        ("layers.0.mlp.up_proj.lora_A", "layers.7.mlp.up_proj.lora_A", "is missing"),
        ("layers.0.mlp.up_proj.lora_B", "layers.0.mlp.up_proj.lora_C", "is missing"),
        ("mlp.up_proj.lora_", "mlp.xp_proj.lora_", "changes `model.layers.0.mlp.xp_proj`"),
        ("base_model.model", "best_model.model", "which is no factor of a change"),
    ])
    func namesThatAreNotTheModelsAreRefused(
        _ old: String,
        _ new: String,
        _ message: String
    ) throws {
        try withAdapter { path in
            let file = URL(fileURLWithPath: path + "/adapter_model.safetensors")
            var data = try Data(contentsOf: file)
            var start = data.startIndex
            while let range = data.range(of: Data(old.utf8), in: start..<data.endIndex) {
                data.replaceSubrange(range, with: Data(new.utf8))
                start = range.upperBound
            }
            try data.write(to: file)
            try expectRefusal(path, message)
        }
    }

    @Test func numbersThatAreNotFiniteAreRefused() throws {
        try withAdapter { path in
            let file = URL(fileURLWithPath: path + "/adapter_model.safetensors")
            var data = try Data(contentsOf: file)
            withUnsafeBytes(of: Float.infinity.bitPattern.littleEndian) {
                data.replaceSubrange(data.count - 4..<data.count, with: $0)
            }
            try data.write(to: file)
            try expectRefusal(path, "has a number that is not finite")
        }
    }

    @Test func whatIsNotThereIsSaid() throws {
        try withAdapter { path in
            let files = FileManager.default
            try expectRefusal(path + "/none", "No adapter found for")
            try files.removeItem(atPath: path + "/adapter_model.safetensors")
            try expectRefusal(path, "there is no adapter_model.safetensors")
            try Data([1]).write(to: URL(fileURLWithPath: path + "/adapter_model.bin"))
            try expectRefusal(path, "adapter_model.bin, which can run code")
            try files.removeItem(atPath: path + "/adapter_config.json")
            try expectRefusal(path, "there is no adapter_config.json")
        }
    }

    @Test func aGGUFFileMustBeAnAdapterOfTheModel() throws {
        try withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            let path = folder + "/x.gguf"
            try CheckpointFixture(name: "llama").writeGGUF(path)
            try expectRefusal(path, "its general.type is `model`, not `adapter`")
            try AdapterFixture(name: "gemma3").files.writeGGUF(path)
            try expectRefusal(path, "its architecture is `gemma3`, the model's `llama`")
            try Data("GGUFx".utf8).write(to: URL(fileURLWithPath: path))
            try expectRefusal(path, "The adapter is damaged or not one.")
        }
    }

    /// Cut anywhere, a file is refused and not read past its end.
    @Test func filesThatAreCutAreRefused() throws {
        try withAdapter { path in
            let file = URL(fileURLWithPath: path + "/adapter_model.safetensors")
            let data = try Data(contentsOf: file)
            for share in [0, 3, 8, 500, data.count / 2, data.count - 1] {
                try data.prefix(share).write(to: file)
                try expectRefusal(path, "The adapter is damaged or not one.")
            }
        }
    }

    private func withAdapter(_ body: (String) throws -> Void) throws {
        try withTemporaryFolder { path in
            try AdapterFixture(name: "llama").writeFolder(path)
            _ = try LoRAAdapter(path: path, Self.targets(), maxRank: 16)
            try body(path)
        }
    }

    private func expectRefusal(
        _ path: String,
        _ message: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let targets = try Self.targets()
        let error = #expect(throws: AdapterError.self, sourceLocation: sourceLocation) {
            try LoRAAdapter(path: path, targets, maxRank: 16)
        }
        let text = error?.description ?? ""
        #expect(text.contains(message), "\(text)", sourceLocation: sourceLocation)
    }

    /// What adapters of the tiny llama may change.
    private static func targets() throws -> AdapterTargets {
        try known.get()
    }

    private static let known: Result<AdapterTargets, any Error> = Result {
        var targets: AdapterTargets?
        try withTemporaryFolder { path in
            try CheckpointFixture(name: "llama").writeFolder(path)
            targets = try AdapterTargets(openModelCheckpoint(path: path))
        }
        return try #require(targets)
    }
}
