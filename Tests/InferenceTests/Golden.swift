import Foundation
import Inference
import Kernels
import Scheduling
import Testing
import Tokenization

/// What an independent implementation says of a model (transformers in float32).
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

    static func read(_ name: String) throws -> Golden {
        let path = try #require(TestModel.goldens) + "/\(name)"
        return try JSONDecoder().decode(
            Golden.self,
            from: Data(contentsOf: URL(fileURLWithPath: path))
        )
    }

    /// Compares logprobs and greedy tokens of every prompt.
    func check(_ engine: Engine) async throws {
        for item in items {
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

}

/// Perplexity by llama.cpp's method.
enum Perplexity {
    /// - Parameters:
    ///   - tokens: of the golden text; chunks of 512 are scored in their second half.
    ///   - first: what each chunk begins with in place of its own first token, if anything.
    static func of(
        _ tokens: [TokenID],
        _ engine: Engine,
        first: TokenID? = nil
    ) async throws -> Double {
        var sum = 0.0
        var count = 0
        for start in stride(from: 0, to: tokens.count - 511, by: 512) {
            var chunk = Array(tokens[start..<start + 512])
            if let first { chunk[0] = first }
            let result = try await engine.run(
                GenerationRequest(
                    promptTokens: chunk,
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
        return exp(sum / Double(count))
    }
}
