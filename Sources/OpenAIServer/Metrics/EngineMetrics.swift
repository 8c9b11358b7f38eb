package import Inference

/// The engine's statistics as metrics, under vLLM's names where vLLM has one.
package struct EngineMetrics {
    private let statistics: EngineStatistics
    private let properties: EngineProperties
    private let modelName: String
    private let labels: PrometheusText.Labels

    package init(statistics: EngineStatistics, properties: EngineProperties, modelName: String) {
        self.statistics = statistics
        self.properties = properties
        self.modelName = modelName
        labels = ["model_name": modelName, "engine": "0"]
    }

    /// Writes all of them, from the one snapshot.
    package func write(to text: inout PrometheusText) {
        writeQueue(to: &text)
        writeSteps(to: &text)
        writeCache(to: &text)
        writeTokens(to: &text)
        writeOutcomes(to: &text)
        writeLengths(to: &text)
        writeLatencies(to: &text)
        if let drafts = statistics.drafts {
            DraftMetrics(drafts: drafts, labels: labels).write(to: &text)
        }
    }

    private func writeQueue(to text: inout PrometheusText) {
        text.add(
            .gauge,
            "vllm:num_requests_running",
            "Number of requests in model execution batches.",
            labels,
            Double(statistics.runningCount)
        )
        text.add(
            .gauge,
            "vllm:num_requests_waiting",
            "Number of requests waiting to be processed.",
            labels,
            Double(statistics.waitingCount)
        )
        text.add(
            .gauge,
            "vllm:num_requests_waiting_by_reason",
            "Number of waiting requests by reason.",
            [
                (labels.with("reason", "capacity"), Double(statistics.waitingCount)),
                (labels.with("reason", "deferred"), 0),
            ]
        )
        text.add(
            .gauge,
            "pumice_waiting_prompt_tokens",
            "Prompt tokens of waiting requests.",
            labels,
            Double(statistics.waitingTokenCount)
        )
        text.add(
            .counter,
            "pumice_requests_admitted_total",
            "Requests the engine has taken.",
            labels,
            Double(statistics.admittedCount)
        )
    }

    private func writeSteps(to text: inout PrometheusText) {
        text.add(
            .counter,
            "pumice_steps_total",
            "Steps the engine has run.",
            labels,
            Double(statistics.stepCount)
        )
        text.add(
            .counter,
            "pumice_device_busy_seconds_total",
            "Seconds the device has worked on steps, by its own clock.",
            labels,
            statistics.deviceBusySeconds
        )
        text.add(
            .counter,
            "pumice_device_idle_seconds_total",
            "Seconds the device has done nothing although there were requests.",
            labels,
            statistics.deviceIdleSeconds
        )
    }

    private func writeCache(to text: inout PrometheusText) {
        let usage =
            statistics.blockCount == 0
            ? 0 : Double(statistics.usedBlockCount) / Double(statistics.blockCount)
        text.add(
            .gauge,
            "vllm:kv_cache_usage_perc",
            "KV-cache usage. 1 means 100 percent usage.",
            labels,
            usage
        )
        text.add(
            .gauge,
            "pumice_kv_blocks",
            "KV blocks by state.",
            [
                (labels.with("state", "free"), Double(statistics.freeBlockCount)),
                (labels.with("state", "cached"), Double(statistics.cachedBlockCount)),
                (labels.with("state", "used"), Double(statistics.usedBlockCount)),
            ]
        )
        text.add(
            .gauge,
            "pumice_kv_cache_waste_ratio",
            "Share of the slots in used KV blocks that hold no token.",
            labels,
            statistics.wasteRatio
        )
        text.add(
            .counter,
            "vllm:prefix_cache_queries_total",
            "Prefix cache queries, in terms of number of queried tokens.",
            labels,
            Double(statistics.prefixCacheQueryTokenCount)
        )
        text.add(
            .counter,
            "vllm:prefix_cache_hits_total",
            "Prefix cache hits, in terms of number of cached tokens.",
            labels,
            Double(statistics.prefixCacheHitTokenCount)
        )
        text.add(
            .counter,
            "vllm:num_preemptions_total",
            "Cumulative number of preemption from the engine.",
            labels,
            Double(statistics.preemptionCount)
        )
        text.add(
            .gauge,
            "vllm:cache_config_info",
            "Information of the LLMEngine CacheConfig",
            [
                "block_size": "\(properties.blockSize)",
                "num_gpu_blocks": "\(properties.blockCount)",
                "kv_cache_size_tokens": "\(properties.blockSize * properties.blockCount)",
                "engine": "0",
            ],
            1
        )
    }

    private func writeTokens(to text: inout PrometheusText) {
        text.add(
            .counter,
            "vllm:prompt_tokens_total",
            "Number of prefill tokens processed.",
            labels,
            Double(statistics.promptTokenCount)
        )
        text.add(
            .counter,
            "vllm:prompt_tokens_cached_total",
            "Number of cached prompt tokens.",
            labels,
            Double(statistics.prefixCacheHitTokenCount)
        )
        text.add(
            .counter,
            "vllm:generation_tokens_total",
            "Number of generation tokens processed.",
            labels,
            Double(statistics.generatedTokenCount)
        )
    }

    private func writeOutcomes(to text: inout PrometheusText) {
        let outcomes = [
            ("stop", statistics.finishedStopCount), ("length", statistics.finishedLengthCount),
            ("abort", statistics.finishedAbortCount), ("error", statistics.finishedErrorCount),
        ]
        text.add(
            .counter,
            "vllm:request_success_total",
            "Count of successfully processed requests.",
            outcomes.map { (labels.with("finished_reason", $0.0), Double($0.1)) }
        )
        let rejections = [
            ("max_num_queued_reqs", statistics.rejectedQueueFullCount),
            ("max_num_queued_tokens", statistics.rejectedTokenBacklogCount),
        ]
        text.add(
            .counter,
            "vllm:admission_rejections_total",
            "Number of admission attempts rejected by a queue limit, by reason.",
            rejections.map { (["model_name": modelName, "reason": $0.0], Double($0.1)) }
        )
    }

    private func writeLengths(to text: inout PrometheusText) {
        let histograms = [
            (
                "vllm:request_prompt_tokens", "Number of prefill tokens processed.",
                statistics.promptLength
            ),
            (
                "vllm:request_generation_tokens", "Number of generation tokens processed.",
                statistics.generationLength
            ),
            (
                "vllm:iteration_tokens_total", "Histogram of number of tokens per engine_step.",
                statistics.iterationTokens
            ),
            (
                "vllm:request_params_max_tokens", "Histogram of the max_tokens request parameter.",
                statistics.maxTokensParameter
            ),
            (
                "vllm:request_params_n", "Histogram of the n request parameter.",
                statistics.choiceCountParameter
            ),
        ]
        for (name, help, histogram) in histograms {
            text.add(histogram: name, help, labels, histogram)
        }
    }

    private func writeLatencies(to text: inout PrometheusText) {
        let histograms = [
            ("time_to_first_token", "time to first token in seconds", statistics.timeToFirstToken),
            ("inter_token_latency", "inter-token latency in seconds", statistics.interTokenLatency),
            (
                "request_time_per_output_token", "time_per_output_token_seconds per request",
                statistics.timePerOutputToken
            ),
            ("e2e_request_latency", "e2e request latency in seconds", statistics.endToEndLatency),
            ("request_queue_time", "time spent in WAITING phase for request", statistics.queueTime),
            (
                "request_inference_time", "time spent in RUNNING phase for request",
                statistics.inferenceTime
            ),
            (
                "request_prefill_time", "time spent in PREFILL phase for request",
                statistics.prefillTime
            ),
            (
                "request_decode_time", "time spent in DECODE phase for request",
                statistics.decodeTime
            ),
        ]
        for (name, help, histogram) in histograms {
            text.add(histogram: "vllm:\(name)_seconds", "Histogram of \(help).", labels, histogram)
        }
    }
}

extension PrometheusText.Labels {
    fileprivate func with(_ name: String, _ value: String) -> Self { merging([name: value]) { $1 } }
}
