import Scheduling

/// How guesses of tokens fared, under vLLM's names for speculative decoding.
struct DraftMetrics {
    let drafts: DraftStatistics
    let labels: PrometheusText.Labels

    func write(to text: inout PrometheusText) {
        for (name, help, value) in [
            ("num_drafts", "Number of spec decoding drafts.", drafts.draftCount),
            ("num_draft_tokens", "Number of draft tokens.", drafts.draftTokenCount),
            ("num_accepted_tokens", "Number of accepted tokens.", drafts.acceptedTokenCount),
        ] {
            text.add(.counter, "vllm:spec_decode_\(name)_total", help, labels, Double(value))
        }
        text.add(
            .counter,
            "vllm:spec_decode_num_accepted_tokens_per_pos_total",
            "Accepted tokens per draft position.",
            drafts.acceptedCountByPosition.enumerated().map { position, count in
                (labels.merging(["position": "\(position)"]) { $1 }, Double(count))
            }
        )
    }
}
