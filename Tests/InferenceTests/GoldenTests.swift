import Foundation
import Inference
import Kernels
import Scheduling
import Testing

/// The model against an independent implementation (transformers in float32).
@Suite(.serialized, .enabled(if: TestModel.isThere && TestModel.goldens != nil, TestModel.why))
struct GoldenTests {
    struct Golden: Decodable {
        struct Item: Decodable {
            let name: String
            let token_ids: [TokenID]
            let prompt_logprob_sum: Double
            let top20_last: [[Double]]
            let greedy_ids: [TokenID]
            let greedy_margins: [Double]
        }
        let items: [Item]
    }

    private func load() throws -> Golden {
        let path = try #require(TestModel.goldens) + "/smollm2_q4_1.json"
        return try JSONDecoder().decode(
            Golden.self,
            from: Data(contentsOf: URL(fileURLWithPath: path))
        )
    }

    @Test func nextTokenLogprobsAndGreedyContinuationsEqualTheReference() async throws {
        let engine = try await TestModel.start(batchedTokenCount: 512)
        for item in try load().items {
            let result = try await engine.run(
                GenerationRequest(
                    promptTokens: item.token_ids,
                    sampling: .greedy,
                    stopping: StopConditions(maxTokens: item.greedy_ids.count),
                    logprobCount: 20,
                    promptLogprobCount: 0
                )
            )
            let found = Dictionary(
                uniqueKeysWithValues: try #require(result.logprobs[0]?.first).top.map {
                    ($0.token, Double($0.logprob))
                }
            )
            for pair in item.top20_last {
                // The twentieth may trade places with the twenty-first.
                guard let logprob = found[TokenID(pair[0])] else {
                    #expect(pair[1] <= item.top20_last[18][1] + 0.05, "\(item.name): \(pair)")
                    continue
                }
                #expect(abs(logprob - pair[1]) < 0.05, "\(item.name): token \(pair[0])")
            }
            let sum = result.promptLogprobs.reduce(0) { $0 + Double($1.chosen.logprob) }
            // Every position contributes: 0.05 each would be far more than float rounding gives.
            #expect(
                abs(sum - item.prompt_logprob_sum) < 0.02 * Double(item.token_ids.count) + 0.01,
                "\(item.name): \(sum) for \(item.prompt_logprob_sum)"
            )
            compareGreedy(result.only, item)
        }
        await engine.shutDown(grace: .zero)
    }

    /// Greedy tokens must agree up to the first step whose two best tokens are closer than
    /// rounding.
    private func compareGreedy(_ tokens: [TokenID], _ item: Golden.Item) {
        #expect(tokens.count == item.greedy_ids.count, "\(item.name)")
        for (index, pair) in zip(tokens, item.greedy_ids).enumerated() where pair.0 != pair.1 {
            let margin = item.greedy_margins[index]
            #expect(margin < 0.05, "\(item.name): step \(index), margin \(margin)")
            print("\(item.name): differs from step \(index) on, where the margin is \(margin)")
            return
        }
    }

    @Test func perplexityIsTheReferencesAndACacheOfEightBitsKeepsIt() async throws {
        let halves = try await perplexity(.f16)
        let bytes = try await perplexity(.q8_0)
        print("perplexity \(halves), with a KV cache of 8 bits \(bytes), reference 18.3001")
        #expect(abs(halves / 18.3001 - 1) < 0.005)
        #expect(abs(bytes / halves - 1) < 0.01)
        #expect(bytes != halves)
    }

    private func perplexity(_ format: KVFormat) async throws -> Double {
        let tokens = try PerplexityText.tokens()
        let engine = try await TestModel.start(batchedTokenCount: 512, kvFormat: format)
        var sum = 0.0
        var count = 0
        for start in stride(from: 0, to: tokens.count - 511, by: 512) {
            let result = try await engine.run(
                GenerationRequest(
                    promptTokens: Array(tokens[start..<start + 512]),
                    sampling: .greedy,
                    stopping: StopConditions(maxTokens: 1),
                    promptLogprobCount: 0
                )
            )
            // promptLogprobs[i] is of position i + 1; positions 256 to 510 predict 257 to 511.
            for logprobs in result.promptLogprobs[256...510] {
                sum -= Double(logprobs.chosen.logprob)
                count += 1
            }
        }
        #expect(count == 3570)
        await engine.shutDown(grace: .zero)
        return exp(sum / Double(count))
    }
}
