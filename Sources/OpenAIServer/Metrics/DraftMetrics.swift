import Scheduling

/// How guesses of tokens fared, under vLLM's names for speculative decoding.
struct DraftMetrics {
    let drafts: DraftStatistics
    let labels: PrometheusText.Labels

    func write(to text: inout PrometheusText) {
        let counters: [(String, vllm: String, String, Int)] = [
            ("drafts", "num_drafts", "Number of spec decoding drafts.", drafts.draftCount),
            (
                "draft_tokens", "num_draft_tokens", "Number of draft tokens.",
                drafts.draftTokenCount
            ),
            (
                "accepted_draft_tokens", "num_accepted_tokens", "Number of accepted tokens.",
                drafts.acceptedTokenCount
            ),
        ]
        for (own, vllm, help, value) in counters {
            let name = MetricName.both("\(own)_total", vllm: "spec_decode_\(vllm)_total")
            text.add(.counter, name, help, labels, Double(value))
        }
        text.add(
            .counter,
            .both(
                "accepted_draft_tokens_by_position_total",
                vllm: "spec_decode_num_accepted_tokens_per_pos_total"
            ),
            "Accepted tokens per draft position.",
            drafts.acceptedCountByPosition.enumerated().map { position, count in
                (labels.merging(["position": "\(position)"]) { $1 }, Double(count))
            }
        )
    }
}
