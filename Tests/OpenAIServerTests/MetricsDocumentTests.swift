import Foundation
import HTTPTypes
import Inference
import OpenAIServer
import Testing

/// `docs/metrics.md` says of every series what the output says.
@Suite struct MetricsDocumentTests {
    /// A metric as the output or the page describes it.
    private struct Metric: Hashable, CustomStringConvertible {
        let name: String
        let type: String
        let labels: Set<String>

        var description: String { "\(name) \(type) \(labels.sorted())" }
    }

    /// vLLM's core series, without what Prometheus adds to their names.
    private static let vLLMs = [
        "num_requests_running", "num_requests_waiting", "num_requests_waiting_by_reason",
        "engine_sleep_state", "kv_cache_usage_perc", "prefix_cache_queries_total",
        "prefix_cache_hits_total", "external_prefix_cache_queries_total",
        "external_prefix_cache_hits_total", "mm_cache_queries_total", "mm_cache_hits_total",
        "num_preemptions_total", "prompt_tokens_total", "prompt_tokens_by_source_total",
        "prompt_tokens_cached_total", "prompt_tokens_cached_by_source_total",
        "generation_tokens_total", "request_success_total", "admission_rejections_total",
        "request_prompt_tokens", "request_generation_tokens", "iteration_tokens_total",
        "request_max_num_generation_tokens", "request_params_n", "request_params_max_tokens",
        "time_to_first_token_seconds", "inter_token_latency_seconds",
        "request_time_per_output_token_seconds", "e2e_request_latency_seconds",
        "request_queue_time_seconds", "request_inference_time_seconds",
        "request_prefill_time_seconds", "request_decode_time_seconds", "request_num_preemptions",
        "request_prefill_kv_computed_tokens", "num_requests_kv_fetch_by_stage",
        "corrupted_requests_total", "watermark_requests_total", "kv_block_lifetime_seconds",
        "kv_block_idle_before_evict_seconds", "kv_block_reuse_gap_seconds", "lora_requests_info",
        "cache_config_info",
    ].map { "vllm:" + $0 }

    private static let page: String = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/metrics.md")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    private static func output() async throws -> [Metric] {
        let fixture = try Fixture(saying: "x")
        fixture.engine.statistics.adapters = AdapterStatistics(limit: 1)
        return try await fixture.test { client in
            func send(_ path: String, _ method: HTTPRequest.Method, _ body: String) async throws
                -> String
            {
                try await client.send(
                    path,
                    method,
                    headers: [.contentType: "application/json"],
                    body: body
                ).text
            }
            // Series by route are there once something was asked.
            _ = try await send("/v1/completions", .post, #"{"prompt":"a"}"#)
            return metrics(in: try await send("/metrics", .get, ""))
        }
    }

    private static func metrics(in text: String) -> [Metric] {
        var metrics: [Metric] = []
        for block in text.components(separatedBy: "# HELP ").dropFirst() {
            let lines = block.split(separator: "\n")
            let type = lines[1].split(separator: " ")
            let labels = lines.dropFirst(2).flatMap { line in
                line.matches(of: /([a-z_]+)="/).map { String($0.output.1) }
            }
            metrics.append(
                Metric(
                    name: String(type[2]),
                    type: String(type[3]),
                    labels: Set(labels).subtracting(["le"])
                )
            )
        }
        return metrics
    }

    /// The rows of the page's tables: cells without their marks.
    private static func rows(_ columnCount: Int) -> [[String]] {
        page.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "") }
        }.filter { $0.count == columnCount && !$0[0].hasPrefix("-") }
    }

    @Test func thePageListsWhatIsThere() async throws {
        var listed: Set<Metric> = []
        for row in Self.rows(5) where row[2] != "type" {
            let labels = Set(row[3].split(separator: ", ").map(String.init))
            for name in row.prefix(2) where !name.isEmpty {
                listed.insert(Metric(name: name, type: row[2], labels: labels))
            }
        }
        let found = Set(try await Self.output())
        #expect(found.subtracting(listed).sorted { $0.name < $1.name } == [], "missing in the page")
        #expect(listed.subtracting(found).sorted { $0.name < $1.name } == [], "not in the output")
        #expect(found.count > 60)
    }

    @Test func whatVLLMHasAndWeHaveNotIsSaid() async throws {
        let absent = Self.rows(2).map { $0[0] }.filter { $0.hasPrefix("vllm:") }
        let found = Set(try await Self.output().map(\.name)).filter { $0.hasPrefix("vllm:") }
        #expect(found.isDisjoint(with: absent))
        #expect(Set(Self.vLLMs) == found.union(absent))
        #expect(Self.vLLMs.count == 43)
    }
}
