import Inference

extension EngineMetrics {
    func writeTokens(to text: inout PrometheusText) {
        let hits = Double(statistics.prefixCacheHitTokenCount)
        let counters: [(MetricName, String, Double)] = [
            (
                .both("prefix_cache_queried_tokens_total", vllm: "prefix_cache_queries_total"),
                "Prefix cache queries, in terms of number of queried tokens.",
                Double(statistics.prefixCacheQueryTokenCount)
            ),
            (
                .both("prefix_cache_hit_tokens_total", vllm: "prefix_cache_hits_total"),
                "Prefix cache hits, in terms of number of cached tokens.", hits
            ),
            (
                .both("prompt_tokens_total", vllm: "prompt_tokens_total"),
                "Number of prefill tokens processed.", Double(statistics.promptTokenCount)
            ),
            (.vllm("prompt_tokens_cached_total"), "Number of cached prompt tokens.", hits),
            (
                .both("generation_tokens_total", vllm: "generation_tokens_total"),
                "Number of generation tokens processed.", Double(statistics.generatedTokenCount)
            ),
        ]
        for (name, help, value) in counters { text.add(.counter, name, help, labels, value) }
        let cached = Double(statistics.cachedPromptTokenCount)
        text.add(
            .counter,
            .vllm("prompt_tokens_by_source_total"),
            "Number of prompt tokens by source.",
            [
                (
                    labels.with("source", "local_compute"),
                    Double(statistics.promptTokenCount) - cached
                ),
                (labels.with("source", "local_cache_hit"), cached),
                (labels.with("source", "external_kv_transfer"), 0),
            ]
        )
        text.add(
            .counter,
            .vllm("prompt_tokens_cached_by_source_total"),
            "Prefix-cache hit tokens by the cache tier that supplied them.",
            labels.with("source", "device"),
            hits
        )
    }

    func writeOutcomes(to text: inout PrometheusText) {
        let rejections = [
            ("max_num_queued_reqs", statistics.rejectedQueueFullCount),
            ("max_num_queued_tokens", statistics.rejectedTokenBacklogCount),
        ]
        let rejectedCount = rejections.reduce(0) { $0 + $1.1 }
        let counters: [(MetricName, String, Int)] = [
            (
                .own("requests_arrived_total"), "Requests that came to the engine, taken or not.",
                statistics.admittedCount + rejectedCount
            ),
            (
                .own("requests_admitted_total"), "Requests the engine has taken.",
                statistics.admittedCount
            ),
            (
                .both("preemptions_total", vllm: "num_preemptions_total"),
                "Cumulative number of preemption from the engine.", statistics.preemptionCount
            ),
            (
                .both("requests_corrupted_total", vllm: "corrupted_requests_total"),
                "Requests whose logits were not numbers.", statistics.corruptedCount
            ),
        ]
        for (name, help, value) in counters {
            text.add(.counter, name, help, labels, Double(value))
        }
        let outcomes = [
            ("stop", statistics.finishedStopCount), ("length", statistics.finishedLengthCount),
            ("abort", statistics.finishedAbortCount), ("error", statistics.finishedErrorCount),
        ]
        text.add(
            .counter,
            .both("requests_finished_total", vllm: "request_success_total"),
            "Count of successfully processed requests.",
            outcomes.map { (labels.with("finished_reason", $0.0), Double($0.1)) }
        )
        text.add(
            .counter,
            .both("requests_rejected_total", vllm: "admission_rejections_total"),
            "Number of admission attempts rejected by a queue limit, by reason.",
            rejections.map { (["model_name": modelName, "reason": $0.0], Double($0.1)) }
        )
    }

    func writeLengths(to text: inout PrometheusText) {
        let histograms: [(String, vllm: String, String, Histogram)] = [
            (
                "request_prompt_tokens", "request_prompt_tokens",
                "Number of prefill tokens processed.", statistics.promptLength
            ),
            (
                "request_computed_prompt_tokens", "request_prefill_kv_computed_tokens",
                "Histogram of new KV tokens computed during prefill (excluding cached tokens).",
                statistics.computedPromptLength
            ),
            (
                "request_generation_tokens", "request_generation_tokens",
                "Number of generation tokens processed.", statistics.generationLength
            ),
            (
                "request_longest_choice_tokens", "request_max_num_generation_tokens",
                "Histogram of maximum number of requested generation tokens.",
                statistics.longestChoiceLength
            ),
            (
                "step_tokens", "iteration_tokens_total",
                "Histogram of number of tokens per engine_step.", statistics.iterationTokens
            ),
            (
                "request_max_tokens", "request_params_max_tokens",
                "Histogram of the max_tokens request parameter.", statistics.maxTokensParameter
            ),
            (
                "request_choices", "request_params_n", "Histogram of the n request parameter.",
                statistics.choiceCountParameter
            ),
            (
                "request_preemptions", "request_num_preemptions",
                "Histogram of the number of times a request was preempted.",
                statistics.preemptionsOfRequest
            ),
        ]
        for (own, vllm, help, histogram) in histograms {
            text.add(histogram: .both(own, vllm: vllm), help, labels, histogram)
        }
    }

    func writeLatencies(to text: inout PrometheusText) {
        let histograms: [(String, vllm: String, String, Histogram)] = [
            (
                "time_to_first_token", "time_to_first_token", "time to first token in seconds",
                statistics.timeToFirstToken
            ),
            (
                "inter_token_latency", "inter_token_latency", "inter-token latency in seconds",
                statistics.interTokenLatency
            ),
            (
                "request_time_per_output_token", "request_time_per_output_token",
                "time_per_output_token_seconds per request", statistics.timePerOutputToken
            ),
            (
                "request_latency", "e2e_request_latency", "e2e request latency in seconds",
                statistics.endToEndLatency
            ),
            (
                "request_queue", "request_queue_time", "time spent in WAITING phase for request",
                statistics.queueTime
            ),
            (
                "request_inference", "request_inference_time",
                "time spent in RUNNING phase for request", statistics.inferenceTime
            ),
            (
                "request_prefill", "request_prefill_time",
                "time spent in PREFILL phase for request", statistics.prefillTime
            ),
            (
                "request_decode", "request_decode_time",
                "time spent in DECODE phase for request", statistics.decodeTime
            ),
        ]
        for (own, vllm, help, histogram) in histograms + blockResidency {
            text.add(
                histogram: .both("\(own)_seconds", vllm: "\(vllm)_seconds"),
                "Histogram of \(help).",
                labels,
                histogram
            )
        }
    }

    /// Of vLLM's, which has them with a flag and of a sample; here of every block.
    private var blockResidency: [(String, vllm: String, String, Histogram)] {
        [
            (
                "kv_block_lifetime", "kv_block_lifetime",
                "KV cache block lifetime from allocation to eviction", statistics.blockLifetime
            ),
            (
                "kv_block_idle_before_evict", "kv_block_idle_before_evict",
                "idle time before KV cache block eviction", statistics.blockIdleTime
            ),
            (
                "kv_block_reuse_gap", "kv_block_reuse_gap",
                "time gaps between consecutive KV cache block accesses", statistics.blockReuseGap
            ),
        ]
    }
}
