public import Checkpoints
import Foundation

/// Whose conventions the tensors of a checkpoint follow.
public enum CheckpointConvention: Sendable {
    /// Those of llama.cpp's converter.
    case gguf
    /// Those of Hugging Face's transformers.
    case hub
}

/// A language model's files: tensors that are found by GGUF's names, and numbers under GGUF's keys.
public protocol ModelCheckpoint: Checkpoint {
    /// What it says of the model.
    var metadata: Metadata { get }
    var convention: CheckpointConvention { get }
    /// What the weights of norms lack.
    var normOffset: Float { get }
    /// What a user should know of how the weights are brought to the device, in sentences.
    var notes: [String] { get }
}

extension ModelCheckpoint {
    public var notes: [String] { [] }
}

extension GGUFFile: ModelCheckpoint {
    public var convention: CheckpointConvention { .gguf }
    public var normOffset: Float { 0 }
}

/// Opens a GGUF file, or a folder in Hugging Face's layout.
/// - Parameter quantization: what its matrices in floats become as they are read; nil: they stay.
/// - Throws: `GGUFError`, or what `HubFolder` throws; `ModelError` where there is nothing to
///   quantise.
public func openModelCheckpoint(
    path: String,
    quantization: Quantization? = nil
) throws -> any ModelCheckpoint {
    // Only a folder has a file of this name.
    let isFolder = FileManager.default.fileExists(atPath: path + "/.")
    let checkpoint: any ModelCheckpoint =
        isFolder ? try HubFolder(path: path) : try GGUFFile(path: path)
    return try quantization.map { try QuantizedCheckpoint(checkpoint, $0) } ?? checkpoint
}
