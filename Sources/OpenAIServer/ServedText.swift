public import Grammars
public import Tokenization

/// The text side of a model, which needs no engine: to make one takes a while, best spent while the
/// engine starts.
public struct ServedText: Sendable {
    public let tokenizer: Tokenizer
    /// `nil` for a checkpoint without one, which then serves completions only.
    public let chatTemplate: ChatTemplate?
    /// How the model writes the calls of tools.
    public let toolCallFormat: ToolCallFormat
    /// What its makers recommend where requests leave sampling fields out; nil: the server's own.
    let samplingDefaults: OpenAIServer.SamplingDefaults?
    /// The constraints on outputs that were used last.
    let grammars: GrammarCache
    /// The most bytes one token stands for, which bounds the text a context can hold.
    let longestTokenSize: Int

    /// - Parameter toolCallFormat: nil for the one that the chat template teaches.
    public init(
        tokenizer: Tokenizer,
        chatTemplate: ChatTemplate?,
        toolCallFormat: ToolCallFormat? = nil,
        samplingDefaults: OpenAIServer.SamplingDefaults? = nil
    ) {
        self.tokenizer = tokenizer
        self.chatTemplate = chatTemplate
        self.samplingDefaults = samplingDefaults
        let format =
            toolCallFormat ?? chatTemplate.map { ToolCallFormat(chatTemplate: $0.source) } ?? .json
        self.toolCallFormat = format
        grammars = GrammarCache(TokenTrie(tokenizer, format: format))
        let sizes = (0..<UInt32(tokenizer.vocabularySize)).lazy.map {
            tokenizer.bytes(of: $0).count
        }
        // An unknown token stands for a character that the vocabulary lacks, of up to 4 bytes.
        longestTokenSize = max(sizes.max() ?? 0, 4)
    }
}
