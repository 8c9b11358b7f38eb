import ArgumentParser
import Foundation
import Models
import OpenAIServer

/// The flags about adapters (LoRA), spelled as vLLM spells them.
struct AdapterFlags: ParsableArguments {
    @Flag(help: "Make room for adapters (LoRA), which clients choose by their names.")
    var enableLora = false

    @Option(
        parsing: .upToNextOption,
        help: """
            Adapters to load at the start: name=path, where the path is a folder that PEFT wrote \
            or a GGUF file, or JSON: {"name": "sql", "path": "sql-lora"}.
            """,
        transform: LoRAModule.init
    )
    var loraModules: [LoRAModule] = []

    @Option(help: "Adapters that may be loaded at once.")
    var maxLoras = 1

    @Option(help: "The greatest rank of an adapter, up to \(AdapterLimits.greatestRank).")
    var maxLoraRank = 16

    @Flag(
        help: """
            Let clients load and unload adapters with /v1/load_lora_adapter and \
            /v1/unload_lora_adapter. They name paths on this machine; only for clients you trust.
            """
    )
    var allowRuntimeLoraUpdating = false

    func validate() throws {
        guard (1...256).contains(maxLoras) else {
            throw ValidationError("--max-loras is \(maxLoras); it must be in 1...256.")
        }
        guard (1...AdapterLimits.greatestRank).contains(maxLoraRank) else {
            throw ValidationError(
                "--max-lora-rank is \(maxLoraRank); it must be in "
                    + "1...\(AdapterLimits.greatestRank)."
            )
        }
        guard enableLora || loraModules.isEmpty && !allowRuntimeLoraUpdating else {
            throw ValidationError(
                "--lora-modules and --allow-runtime-lora-updating need --enable-lora."
            )
        }
        guard loraModules.count <= maxLoras else {
            throw ValidationError(
                "--lora-modules names \(loraModules.count) adapters; --max-loras \(maxLoras) "
                    + "makes room for \(maxLoras)."
            )
        }
    }

    /// How many adapters the model makes room for; nil for none.
    var limits: AdapterLimits? {
        enableLora ? AdapterLimits(count: maxLoras, maxRank: maxLoraRank) : nil
    }

    /// Loads the adapters that are to be there from the start.
    func load(into model: ServedModel) async throws {
        for module in loraModules {
            if let base = module.baseModelName, !model.names.contains(base) {
                throw ValidationError(
                    "--lora-modules: `\(module.name)` is for the model `\(base)`, and this one is "
                        + "served as \(model.names.joined(separator: ", "))."
                )
            }
            _ = try await model.loadAdapter(name: module.name, path: module.path)
        }
    }
}

/// One of `--lora-modules`.
struct LoRAModule: Decodable, Sendable, Equatable {
    var name: String
    var path: String
    /// A name of the model it is for.
    var baseModelName: String?

    private enum CodingKeys: String, CodingKey {
        case name, path
        case baseModelName = "base_model_name"
    }

    /// - Throws: `ValidationError` for what is neither `name=path` nor such JSON.
    init(_ text: String) throws {
        if text.hasPrefix("{") {
            guard let module = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
                throw ValidationError(
                    #"`\#(text)` must be like {"name": "sql", "path": "sql-lora"}."#
                )
            }
            self = module
        } else {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw ValidationError("`\(text)` must be name=path.")
            }
            (name, path) = (String(parts[0]), String(parts[1]))
        }
    }
}
