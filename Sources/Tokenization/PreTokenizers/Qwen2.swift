extension PreTokenizer {
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}`
    /// `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, of Qwen 2, 2.5 and 3.
    static let qwen2 = PreTokenizer(names: ["qwen2"], composes: true) { text, start in
        text.llamaWord(at: start, numberLimit: 1)
    }

    /// The same on texts as they are, of DeepSeek R1's distillations into Qwen.
    static let deepSeekR1Qwen = PreTokenizer(names: ["deepseek-r1-qwen"]) { text, start in
        text.llamaWord(at: start, numberLimit: 1)
    }
}
