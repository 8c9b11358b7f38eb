import Foundation
import Models
import Testing

/// A tiny random adapter of `Adapters`, whose script says how it was made.
struct AdapterFixture: CustomTestStringConvertible, Sendable {
    static let all = ["llama", "llama-qv", "gemma3", "phi3", "qwen3moe"].map {
        AdapterFixture(name: $0)
    }

    let name: String
    var testDescription: String { name }

    /// Its files.
    var files: CheckpointFixture { CheckpointFixture(name: name, kind: "Adapters") }

    /// The model it is for.
    var checkpoint: CheckpointFixture {
        CheckpointFixture(name: String(name.prefix { $0 != "-" }))
    }

    func writeFolder(_ path: String) throws {
        try files.writeFolder(path, prefix: "adapter_")
    }
}

/// How files are laid out.
enum FileKind: String, CaseIterable, Sendable {
    case folder, gguf

    func write(_ fixture: CheckpointFixture, _ path: String, prefix: String = "") throws {
        switch self {
        case .folder: try fixture.writeFolder(path, prefix: prefix)
        case .gguf: try fixture.writeGGUF(path)
        }
    }
}
