/// Texts that end a generation wherever a vocabulary has them, because many files name only one
/// such token in their metadata while the model was trained to end a turn with another.
enum EndOfGeneration {
    /// The list of llama.cpp: ends of turns, of messages and of texts, and the file separators of
    /// code models.
    static let texts: Set<String> = [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>",
        "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<|eom_id|>", "<EOT>", "_<EOT>",
        "[EOT]", "[EOS]", "<｜end▁of▁sentence｜>", "<end_of_utterance>",
        "<|fim_pad|>", "<|repo_name|>", "<|fim_repo|>", "<reponame>", "<fim-repo>", "<REPO>",
        "<|file_sep|>",
    ]

    /// The members of `texts` in a vocabulary, less the one that does not end anything there:
    /// models that speak in channels end with `<|return|>` or `<|call|>`, and `<|end|>` is only the
    /// end of one message of many.
    static func tokens(among found: [String: UInt32]) -> Set<UInt32> {
        var found = found
        if found["<|return|>"] != nil && found["<|call|>"] != nil { found["<|end|>"] = nil }
        return Set(found.values)
    }
}
