import HTTPTypes
import Inference
import OpenAIServer
import Testing

@Suite struct MetricsTests {
    private static func makeStatistics() -> EngineStatistics {
        var statistics = EngineStatistics(maxModelLength: 20)
        statistics.runningCount = 3
        statistics.waitingCount = 2
        statistics.waitingTokenCount = 70
        statistics.blockCount = 64
        statistics.freeBlockCount = 40
        statistics.cachedBlockCount = 8
        statistics.usedBlockCount = 16
        statistics.wasteRatio = 0.03125
        statistics.stepCount = 1000
        statistics.preemptionCount = 5
        statistics.promptTokenCount = 500
        statistics.generatedTokenCount = 250
        statistics.prefixCacheQueryTokenCount = 400
        statistics.prefixCacheHitTokenCount = 100
        statistics.admittedCount = 20
        statistics.rejectedQueueFullCount = 1
        statistics.rejectedTokenBacklogCount = 2
        statistics.finishedStopCount = 9
        statistics.finishedLengthCount = 4
        statistics.finishedAbortCount = 3
        statistics.finishedErrorCount = 1
        for length in [1, 7, 30] { statistics.promptLength.observe(Double(length)) }
        return statistics
    }

    @Test func theTextIsPrometheuss() async throws {
        let fixture = try Fixture(saying: "x")
        fixture.engine.statistics = Self.makeStatistics()
        let answer = try await fixture.get("/metrics")
        #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        let labels = #"engine="0",model_name="tiny""#
        let golden = """
            # HELP vllm:num_requests_running Number of requests in model execution batches.
            # TYPE vllm:num_requests_running gauge
            vllm:num_requests_running{\(labels)} 3.0
            # HELP vllm:num_requests_waiting Number of requests waiting to be processed.
            # TYPE vllm:num_requests_waiting gauge
            vllm:num_requests_waiting{\(labels)} 2.0
            # HELP vllm:num_requests_waiting_by_reason Number of waiting requests by reason.
            # TYPE vllm:num_requests_waiting_by_reason gauge
            vllm:num_requests_waiting_by_reason{\(labels),reason="capacity"} 2.0
            vllm:num_requests_waiting_by_reason{\(labels),reason="deferred"} 0.0
            # HELP pumice_waiting_prompt_tokens Prompt tokens of waiting requests.
            # TYPE pumice_waiting_prompt_tokens gauge
            pumice_waiting_prompt_tokens{\(labels)} 70.0
            # HELP pumice_requests_admitted_total Requests the engine has taken.
            # TYPE pumice_requests_admitted_total counter
            pumice_requests_admitted_total{\(labels)} 20.0
            # HELP pumice_steps_total Steps the engine has run.
            # TYPE pumice_steps_total counter
            pumice_steps_total{\(labels)} 1000.0
            # HELP vllm:kv_cache_usage_perc KV-cache usage. 1 means 100 percent usage.
            # TYPE vllm:kv_cache_usage_perc gauge
            vllm:kv_cache_usage_perc{\(labels)} 0.25
            # HELP pumice_kv_blocks KV blocks by state.
            # TYPE pumice_kv_blocks gauge
            pumice_kv_blocks{\(labels),state="free"} 40.0
            pumice_kv_blocks{\(labels),state="cached"} 8.0
            pumice_kv_blocks{\(labels),state="used"} 16.0
            # HELP pumice_kv_cache_waste_ratio Share of the slots in used KV blocks that hold no token.
            # TYPE pumice_kv_cache_waste_ratio gauge
            pumice_kv_cache_waste_ratio{\(labels)} 0.03125
            # HELP vllm:prefix_cache_queries_total Prefix cache queries, in terms of number of queried tokens.
            # TYPE vllm:prefix_cache_queries_total counter
            vllm:prefix_cache_queries_total{\(labels)} 400.0
            # HELP vllm:prefix_cache_hits_total Prefix cache hits, in terms of number of cached tokens.
            # TYPE vllm:prefix_cache_hits_total counter
            vllm:prefix_cache_hits_total{\(labels)} 100.0
            # HELP vllm:num_preemptions_total Cumulative number of preemption from the engine.
            # TYPE vllm:num_preemptions_total counter
            vllm:num_preemptions_total{\(labels)} 5.0
            # HELP vllm:cache_config_info Information of the LLMEngine CacheConfig
            # TYPE vllm:cache_config_info gauge
            vllm:cache_config_info{block_size="16",engine="0",kv_cache_size_tokens="1024",num_gpu_blocks="64"} 1.0
            # HELP vllm:prompt_tokens_total Number of prefill tokens processed.
            # TYPE vllm:prompt_tokens_total counter
            vllm:prompt_tokens_total{\(labels)} 500.0
            # HELP vllm:prompt_tokens_cached_total Number of cached prompt tokens.
            # TYPE vllm:prompt_tokens_cached_total counter
            vllm:prompt_tokens_cached_total{\(labels)} 100.0
            # HELP vllm:generation_tokens_total Number of generation tokens processed.
            # TYPE vllm:generation_tokens_total counter
            vllm:generation_tokens_total{\(labels)} 250.0
            # HELP vllm:request_success_total Count of successfully processed requests.
            # TYPE vllm:request_success_total counter
            vllm:request_success_total{\(labels.replacing("\",m", with: "\",finished_reason=\"stop\",m"))} 9.0
            vllm:request_success_total{\(labels.replacing("\",m", with: "\",finished_reason=\"length\",m"))} 4.0
            vllm:request_success_total{\(labels.replacing("\",m", with: "\",finished_reason=\"abort\",m"))} 3.0
            vllm:request_success_total{\(labels.replacing("\",m", with: "\",finished_reason=\"error\",m"))} 1.0
            # HELP vllm:admission_rejections_total Number of admission attempts rejected by a queue limit, by reason.
            # TYPE vllm:admission_rejections_total counter
            vllm:admission_rejections_total{model_name="tiny",reason="max_num_queued_reqs"} 1.0
            vllm:admission_rejections_total{model_name="tiny",reason="max_num_queued_tokens"} 2.0
            # HELP vllm:request_prompt_tokens Number of prefill tokens processed.
            # TYPE vllm:request_prompt_tokens histogram
            vllm:request_prompt_tokens_bucket{engine="0",le="1.0",model_name="tiny"} 1.0
            vllm:request_prompt_tokens_bucket{engine="0",le="2.0",model_name="tiny"} 1.0
            vllm:request_prompt_tokens_bucket{engine="0",le="5.0",model_name="tiny"} 1.0
            vllm:request_prompt_tokens_bucket{engine="0",le="10.0",model_name="tiny"} 2.0
            vllm:request_prompt_tokens_bucket{engine="0",le="20.0",model_name="tiny"} 2.0
            vllm:request_prompt_tokens_bucket{engine="0",le="+Inf",model_name="tiny"} 3.0
            vllm:request_prompt_tokens_count{\(labels)} 3.0
            vllm:request_prompt_tokens_sum{\(labels)} 38.0

            """
        let head = answer.text.prefix(golden.count)
        for (found, expected) in zip(
            head.split(separator: "\n", omittingEmptySubsequences: false),
            golden.split(separator: "\n", omittingEmptySubsequences: false)
        ) {
            #expect(found == expected)
        }
        #expect(answer.text.contains("pumice_http_requests_in_flight 0.0\n"))
        #expect(
            answer.text.contains(
                #"pumice_build_info{architecture="llama",device="Scripted",driver="none","#
                    + #"version="1.2.3"} 1.0"#
            )
        )
    }

    @Test(arguments: [
        "request_generation_tokens", "iteration_tokens_total", "request_params_max_tokens",
        "request_params_n", "time_to_first_token_seconds", "inter_token_latency_seconds",
        "request_time_per_output_token_seconds", "e2e_request_latency_seconds",
        "request_queue_time_seconds", "request_inference_time_seconds",
        "request_prefill_time_seconds", "request_decode_time_seconds",
    ])
    func everyHistogramIsThereFromTheBeginning(_ name: String) async throws {
        let text = try await Fixture(saying: "x").get("/metrics").text
        #expect(text.contains("# TYPE vllm:\(name) histogram\n"))
        #expect(text.contains("vllm:\(name)_count{engine=\"0\",model_name=\"tiny\"} 0.0\n"))
        #expect(
            text.contains("vllm:\(name)_bucket{engine=\"0\",le=\"+Inf\",model_name=\"tiny\"} 0.0\n")
        )
    }

    @Test func noSeriesIsWrittenTwice() async throws {
        let text = try await Fixture(saying: "x").get("/metrics").text
        let series = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .compactMap { $0.split(separator: " ").dropLast().joined(separator: " ") }
        #expect(Set(series).count == series.count)
        #expect(series.count > 200)
    }

    @Test func labelsAreEscaped() {
        var text = PrometheusText()
        text.add(.gauge, "x", "Line\nand \\.", ["name": "a\"b\\c\nd"], .infinity)
        #expect(
            text.text == """
                # HELP x Line\\nand \\\\.
                # TYPE x gauge
                x{name="a\\"b\\\\c\\nd"} +Inf

                """
        )
    }
}
