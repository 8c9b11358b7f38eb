/// What a metric is called: by us, by vLLM where it has the same quantity, or both.
package enum MetricName: Sendable, Equatable {
    /// `pumice_` and this.
    case own(String)
    /// `vllm:` and this.
    case vllm(String)
    case both(String, vllm: String)

    /// The names it is written under.
    func names(withVLLM: Bool) -> [String] {
        switch self {
        case .own(let own): ["pumice_" + own]
        case .vllm(let name): withVLLM ? ["vllm:" + name] : []
        case .both(let own, let name):
            withVLLM ? ["pumice_" + own, "vllm:" + name] : ["pumice_" + own]
        }
    }
}
