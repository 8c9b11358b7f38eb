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
}

extension GGUFFile: ModelCheckpoint {
    public var convention: CheckpointConvention { .gguf }
    public var normOffset: Float { 0 }
}

/// Opens a GGUF file, or a folder in Hugging Face's layout.
/// - Throws: `GGUFError`, or what `HubFolder` throws.
public func openModelCheckpoint(path: String) throws -> any ModelCheckpoint {
    // Only a folder has a file of this name.
    let isFolder = FileManager.default.fileExists(atPath: path + "/.")
    return isFolder ? try HubFolder(path: path) : try GGUFFile(path: path)
}
