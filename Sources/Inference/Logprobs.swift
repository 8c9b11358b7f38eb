import ShaderParams

extension PositionLogprobs {
    /// The logprobs of a position as the device wrote them: of the token that stands there, then of
    /// the most probable ones, of which there are fewer where fewer logits are numbers.
    init(_ entries: [Logprob], topCount: Int) {
        let logprobs = entries.prefix(topCount + 1).map { entry in
            TokenLogprob(token: entry.token, logprob: entry.logprob, rank: Int(entry.rank))
        }
        self.init(
            chosen: logprobs[0],
            top: logprobs.dropFirst().filter { $0.token != UInt32.max }
        )
    }
}
