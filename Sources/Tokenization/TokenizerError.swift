public import Checkpoints

/// Why a checkpoint's tokenizer cannot be used.
public enum TokenizerError: Error, Equatable {
    /// A metadata key is missing or has another type than a tokenizer needs.
    case metadata(MetadataError)
    /// `tokenizer.ggml.model` names an algorithm that is not built; `known` are those that are.
    case unknownModel(String, known: [String])
    /// `tokenizer.ggml.pre` names a pre-tokenizer that is not built; `known` are those that are.
    case unknownPreTokenizer(String, known: [String])
    /// An array does not have one element per token.
    case countMismatch(key: String, count: Int, tokenCount: Int)
    /// The vocabulary has no token.
    case emptyVocabulary
    /// A file that describes a tokenizer is wrong, or has a part that is not built.
    case file(path: String, problem: String)
    /// Something is larger than any published vocabulary has it.
    case overLimit(what: String, value: Int, limit: Int)
}

extension TokenizerError: CustomStringConvertible {
    /// One sentence that says what is wrong and what would be right.
    public var description: String {
        switch self {
        case .metadata(let error):
            error.description
        case .unknownModel(let name, let known):
            "The tokenizer model '\(name)' is not supported; supported are "
                + known.joined(separator: ", ") + "."
        case .unknownPreTokenizer(let name, let known):
            "The pre-tokenizer '\(name)' is not supported, and another would give wrong tokens; "
                + "supported are " + known.joined(separator: ", ") + "."
        case .countMismatch(let key, let count, let tokenCount):
            "The key '\(key)' has \(count) elements for \(tokenCount) tokens; "
                + "convert the model again."
        case .emptyVocabulary:
            "The vocabulary is empty; convert the model again."
        case .file(let path, let problem):
            "\(path) cannot be used: \(problem)."
        case .overLimit(let what, let value, let limit):
            "The tokenizer has \(what) of \(value), over the limit of \(limit)."
        }
    }
}
