import Checkpoints
import Foundation
import Models
import Testing

/// Folders of other spellings than today's transformers write, and wrong ones.
struct HubFolderTests {
    /// Writes a fixture's folder with another configuration.
    private func withFolder(
        _ name: String,
        _ change: (inout [String: Any]) -> Void,
        _ body: (String) throws -> Void
    ) throws {
        try withTemporaryFolder { path in
            try CheckpointFixture(name: name).writeFolder(path)
            let url = URL(fileURLWithPath: path + "/config.json")
            var json = try #require(
                JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
            )
            change(&json)
            try JSONSerialization.data(withJSONObject: json).write(to: url)
            try body(path)
        }
    }

    private func configuration(_ path: String) throws -> ModelConfiguration {
        try ModelConfiguration(HubFolder(path: path).metadata, vocabularySize: 128)
    }

    /// As published before transformers 5.
    @Test func olderSpellingsMeanTheSame() throws {
        try withFolder("gemma3", { _ in }) { path in
            let today = try configuration(path)
            #expect(today.slides == [true, true, true, true, true, false, true])
            #expect(today.slidingWindow == 20 && today.slidingRotary?.base == 10_000)
            try withFolder("gemma3") { json in
                json["rope_parameters"] = nil
                json["layer_types"] = nil
                json["rope_theta"] = 1_000_000
                json["rope_local_base_freq"] = 10_000
                json["rope_scaling"] = ["rope_type": "linear", "factor": 4]
                json["sliding_window_pattern"] = 6
            } _: {
                try #expect(configuration($0) == today)
            }
            try withFolder("gemma3") { json in
                json = ["model_type": "gemma3", "text_config": json]
            } _: {
                try #expect(configuration($0) == today)
            }
        }
        try withFolder("llama", { _ in }) { path in
            let today = try configuration(path)
            try withFolder("llama") { json in
                var scaling = json["rope_parameters"] as? [String: Any] ?? [:]
                json["rope_theta"] = scaling.removeValue(forKey: "rope_theta")
                json["rope_scaling"] = scaling
                json["rope_parameters"] = nil
            } _: {
                try #expect(configuration($0) == today)
            }
        }
    }

    @Test func qwensWindowIsForTheLayersThatAskForIt() throws {
        try withFolder("qwen2") { json in
            json["sliding_window"] = 64
            json["use_sliding_window"] = false
        } _: {
            try #expect(configuration($0).slidingWindow == nil)
        }
        try withFolder("qwen2") { json in
            json["layer_types"] = nil
            json["sliding_window"] = 64
            json["use_sliding_window"] = true
            json["max_window_layers"] = 2
        } _: {
            try #expect(configuration($0).slides == [false, false, true])
        }
    }

    @Test(arguments: [
        ("quantization_config", "{\"quant_method\": \"hqq\"}", "quantised by `hqq`"),
        ("hidden_act", "\"relu\"", "the activation `relu`"),
        ("rope_parameters", "{\"rope_type\": \"dynamic\"}", "`dynamic` is not supported"),
        ("rope_parameters", "{\"rope_type\": \"longrope\"}", "short_factor is to be positive"),
        (
            "rope_parameters",
            "{\"rope_type\": \"longrope\", \"short_factor\": [1], \"long_factor\": [2, -1]}",
            "long_factor is to be positive"
        ),
        (
            "rope_parameters",
            "{\"rope_type\": \"su\", \"short_factor\": [1], \"long_factor\": [2]}",
            "stretches 0 tokens"
        ),
        ("num_hidden_layers", "100000", "is 100000, outside"),
        ("head_dim", "12", "4 heads of 12"),
        ("model_type", "7", "there is no model_type"),
        ("attn_logit_softcapping", "50.0", "attn_logit_softcapping is not supported"),
    ])
    func whatIsNotSupportedIsNamed(key: String, value: String, message: String) throws {
        try withFolder("llama") { json in
            json[key] = try? JSONSerialization.jsonObject(
                with: Data(value.utf8),
                options: .fragmentsAllowed
            )
        } _: { path in
            let error = #expect(throws: ModelError.self) { try configuration(path) }
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        }
    }

    @Test func aFolderWithoutItsOutputMatrixIsIncomplete() throws {
        try withFolder("qwen2") { json in
            json["tie_word_embeddings"] = false
        } _: { path in
            let error = #expect(throws: ModelError.self) { try HubFolder(path: path) }
            #expect(error == .missingTensor(file: path, name: "lm_head.weight"))
        }
    }

    @Test func aFolderWithoutAConfigurationIsNone() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let error = #expect(throws: ModelError.self) { try openModelCheckpoint(path: folder) }
        #expect(error?.description.contains("config.json") == true)
    }
}
