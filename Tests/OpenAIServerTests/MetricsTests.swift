import Foundation
import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
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
        statistics.deviceBusySeconds = 9.5
        statistics.deviceIdleSeconds = 0.5
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
        try expectGolden("metrics.txt", answer.text)
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

    @Test func guessesAreCountedWhereTheyAreMade() async throws {
        let fixture = try Fixture(saying: "x")
        #expect(try await !fixture.get("/metrics").text.contains("spec_decode"))
        var drafts = DraftStatistics()
        drafts.draftCount = 3
        drafts.draftTokenCount = 9
        drafts.acceptedTokenCount = 4
        drafts.acceptedCountByPosition = [3, 1]
        fixture.engine.statistics.drafts = drafts
        let text = try await fixture.get("/metrics").text
        let labels = #"engine="0",model_name="tiny""#
        for line in [
            "num_drafts_total{\(labels)} 3.0", "num_draft_tokens_total{\(labels)} 9.0",
            "num_accepted_tokens_total{\(labels)} 4.0",
            "num_accepted_tokens_per_pos_total{\(labels),position=\"0\"} 3.0",
            "num_accepted_tokens_per_pos_total{\(labels),position=\"1\"} 1.0",
        ] {
            #expect(text.contains("\nvllm:spec_decode_" + line + "\n"))
        }
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
        text.add(.gauge, .own("x"), "Line\nand \\.", ["name": "a\"b\\c\nd"], .infinity)
        #expect(
            text.text == """
                # HELP pumice_x Line\\nand \\\\.
                # TYPE pumice_x gauge
                pumice_x{name="a\\"b\\\\c\\nd"} +Inf

                """
        )
    }

    @Test func vLLMsNamesCanBeLeftOut() async throws {
        var fixture = try Fixture(saying: "x")
        let both = try await fixture.get("/metrics").text
        fixture.configuration.namesMetricsAsVLLM = false
        let own = try await fixture.get("/metrics").text
        #expect(both.contains("vllm:num_requests_running{"))
        #expect(!own.contains("vllm:"))
        #expect(own.contains("pumice_requests_running{"))
        #expect(own.split(separator: "\n").allSatisfy { both.contains($0) })
    }

    @Test func answersAreCountedByRoute() async throws {
        let fixture = try Fixture(saying: "x")
        try await fixture.test { client in
            func send(_ path: String, _ method: HTTPRequest.Method, _ body: String = "")
                async throws
                -> Answer
            {
                try await client.send(
                    path,
                    method,
                    headers: [.contentType: "application/json"],
                    body: body
                )
            }
            let stream = try await send(
                "/v1/completions",
                .post,
                #"{"prompt":"a","stream":true}"#
            )
            _ = try await send("/v1/completions", .post, "{")
            for path in ["/a", "/b"] { _ = try await send(path, .get) }
            let text = try await send("/metrics", .get).text
            func series(_ name: String, _ labels: String) -> String {
                "pumice_http_\(name){\(labels)} "
            }
            let handler = #"handler="/v1/completions""#
            for expected in [
                series("requests_total", handler + #",method="POST",status="200""#) + "1.0\n",
                series("requests_total", handler + #",method="POST",status="400""#) + "1.0\n",
                series("requests_total", #"handler="none",method="GET",status="404""#) + "2.0\n",
                series("request_duration_seconds_count", handler) + "2.0\n",
                series("response_bytes_total", handler),
            ] {
                #expect(text.contains(expected), "\(expected)")
            }
            let bytes = try #require(text.range(of: series("response_bytes_total", handler)))
            let count = try #require(Double(text[bytes.upperBound...].prefix { $0 != "\n" }))
            #expect(count > Double(stream.text.utf8.count))
        }
    }
}
