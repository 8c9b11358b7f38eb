extension PreTokenizer {
    /// The pre-tokenizer by hand that cuts as the expression of a `tokenizer.json` does, if there
    /// is one. Only the very same expression counts.
    package static func having(expression: String) -> PreTokenizer? { byExpression[expression] }

    private static let byExpression: [String: PreTokenizer] = {
        let symbols = #" ?[^\s\p{L}\p{N}]+"#
        let spaces = #"\s+(?!\S)|\s+"#
        let contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
        let before = #"[^\r\n\p{L}\p{N}]?"#
        let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
        let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
        let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+|"# + "\(symbols)|\(spaces)"
        let llama = { (numbers: String) in
            #"\#(contraction)|\#(before)\p{L}+|\#(numbers)|\#(symbols)[\r\n]*|"#
                + #"\s*[\r\n]+|\#(spaces)"#
        }
        let cased = { (ending: String, numbers: String) in
            "\(before)\(upper)*\(lower)+\(ending)|\(before)\(upper)+\(lower)*\(ending)|\(numbers)|"
                + #"\#(symbols)[\r\n/]*|\s*[\r\n]+|\#(spaces)"#
        }
        return [
            gpt2: .gpt2,
            llama(#"\p{N}{1,3}"#): .llamaBPE,
            llama(#"\p{N}"#): .qwen2,
            cased(contraction + "?", #"\p{N}{1,3}"#): .gpt4o,
            cased("", #"\p{N}"#): .tekken,
        ]
    }()
}
