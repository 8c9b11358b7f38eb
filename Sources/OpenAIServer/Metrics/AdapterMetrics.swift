import Foundation
import Inference

/// Which adapters requests have, as vLLM tells it: the names are labels, and the value is when.
struct AdapterMetrics {
    let adapters: AdapterStatistics
    /// Seconds since 1970.
    let now: Double

    func write(to text: inout PrometheusText) {
        text.add(
            .gauge,
            .vllm("lora_requests_info"),
            "Running stats on lora requests.",
            [
                "max_lora": "\(adapters.limit)",
                "running_lora_adapters": adapters.running.joined(separator: ","),
                "waiting_lora_adapters": adapters.waiting.joined(separator: ","),
            ],
            now
        )
    }
}
