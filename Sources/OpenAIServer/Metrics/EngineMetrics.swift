import Foundation
package import Inference

/// The engine's statistics as metrics, under vLLM's names too where vLLM has the same quantity.
package struct EngineMetrics {
    let statistics: EngineStatistics
    let properties: EngineProperties
    let modelName: String
    let labels: PrometheusText.Labels

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
        if let adapters = statistics.adapters {
            AdapterMetrics(adapters: adapters, now: Date().timeIntervalSince1970).write(to: &text)
        }
    }

    private func writeQueue(to text: inout PrometheusText) {
        let gauges: [(MetricName, String, Double)] = [
            (
                .both("requests_running", vllm: "num_requests_running"),
                "Number of requests in model execution batches.", Double(statistics.runningCount)
            ),
            (
                .both("requests_waiting", vllm: "num_requests_waiting"),
                "Number of requests waiting to be processed.", Double(statistics.waitingCount)
            ),
            (
                .own("waiting_prompt_tokens"), "Prompt tokens of waiting requests.",
                Double(statistics.waitingTokenCount)
            ),
            (
                .own("saturation_ratio"),
                "Share in use of what is scarcest: places for sequences, or KV blocks.",
                statistics.saturation
            ),
        ]
        for (name, help, value) in gauges { text.add(.gauge, name, help, labels, value) }
        text.add(
            .gauge,
            .vllm("num_requests_waiting_by_reason"),
            "Number of waiting requests by reason.",
            [
                (labels.with("reason", "capacity"), Double(statistics.waitingCount)),
                (labels.with("reason", "deferred"), 0),
            ]
        )
        text.add(
            .gauge,
            .vllm("engine_sleep_state"),
            "Engine sleep state; awake = 1 means engine is awake. Always so.",
            [
                (labels.with("sleep_state", "awake"), 1),
                (labels.with("sleep_state", "weights_offloaded"), 0),
                (labels.with("sleep_state", "discard_all"), 0),
            ]
        )
    }

    private func writeSteps(to text: inout PrometheusText) {
        let counters: [(MetricName, String, Double)] = [
            (.own("steps_total"), "Steps the engine has run.", Double(statistics.stepCount)),
            (
                .own("device_busy_seconds_total"),
                "Seconds the device has worked on steps, by its own clock.",
                statistics.deviceBusySeconds
            ),
            (
                .own("device_idle_seconds_total"),
                "Seconds the device has done nothing although there were requests.",
                statistics.deviceIdleSeconds
            ),
        ]
        for (name, help, value) in counters { text.add(.counter, name, help, labels, value) }
        text.add(
            histogram: .own("step_device_seconds"),
            "Seconds the device worked on a step, by its own clock.",
            labels,
            statistics.stepDeviceTime
        )
        text.add(
            histogram: .own("step_schedule_seconds"),
            "Seconds the host took to schedule a step, while the device ran the one before.",
            labels,
            statistics.stepScheduleTime
        )
    }

    private func writeCache(to text: inout PrometheusText) {
        let usage =
            statistics.blockCount == 0
            ? 0 : Double(statistics.usedBlockCount) / Double(statistics.blockCount)
        text.add(
            .gauge,
            .both("kv_cache_usage_ratio", vllm: "kv_cache_usage_perc"),
            "KV-cache usage. 1 means 100 percent usage.",
            labels,
            usage
        )
        text.add(
            .gauge,
            .own("kv_blocks"),
            "KV blocks by state.",
            [
                (labels.with("state", "free"), Double(statistics.freeBlockCount)),
                (labels.with("state", "cached"), Double(statistics.cachedBlockCount)),
                (labels.with("state", "used"), Double(statistics.usedBlockCount)),
            ]
        )
        text.add(
            .gauge,
            .own("kv_cache_waste_ratio"),
            "Share of the slots in used KV blocks that hold no token.",
            labels,
            statistics.wasteRatio
        )
        text.add(
            .gauge,
            .vllm("cache_config_info"),
            "Information of the LLMEngine CacheConfig",
            [
                "block_size": "\(properties.blockSize)",
                "num_gpu_blocks": "\(properties.blockCount)",
                "kv_cache_size_tokens": "\(properties.blockSize * properties.blockCount)",
                "cache_dtype": properties.kvFormat, "engine": "0",
            ],
            1
        )
    }
}

extension PrometheusText.Labels {
    func with(_ name: String, _ value: String) -> Self { merging([name: value]) { $1 } }
}
