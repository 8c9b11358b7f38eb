import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

/// Fields filled with anything: whatever a client sends is answered or refused by name, and what
/// reaches the engine is within the bounds the engine relies on.
@Suite struct FieldFuzzTests {
    private static let fields = [
        "n", "echo", "logprobs", "top_logprobs", "prompt_logprobs", "logit_bias", "max_tokens",
        "presence_penalty", "frequency_penalty", "repetition_penalty", "temperature", "top_k",
        "top_p", "min_p", "seed", "stop", "stop_token_ids", "include_stop_str_in_output",
        "min_tokens", "ignore_eos", "skip_special_tokens", "allowed_token_ids", "bad_words",
        "truncate_prompt_tokens", "truncation_side", "priority", "cache_salt", "return_token_ids",
        "max_completion_tokens", "add_generation_prompt", "continue_final_message", "suffix",
        "chat_template", "chat_template_kwargs", "documents", "add_special_tokens", "user",
        "return_tokens_as_token_ids", "best_of", "use_beam_search", "response_format",
        "system", "stop_sequences", "tools", "tool_choice", "thinking", "output_config", "metadata",
        "instructions", "max_output_tokens", "text", "include", "reasoning", "truncation", "store",
        "background", "previous_response_id", "parallel_tool_calls",
    ]

    private static let values = [
        "null", "true", "false", "0", "1", "-1", "2", "7", "20", "21", "128", "129", "262", "263",
        "9223372036854775807", "-9223372036854775808", "1e308", "-1e308", "1e-320", "0.5", "1.5",
        "16.0", "1e400", #""""#, #""a""#, #""left""#, #""\u0000""#, #""🌋""#, #"" ""#, "[]", "{}",
        "[1]", "[-1]", "[263]", #"["a"]"#, #"["",1]"#, "[[1]]", "[null]", #"{"5":1}"#,
        #"{"a":1}"#, #"{"5":"x"}"#, #"{"-1":1}"#, #"{"5":1e39}"#, #"{"type":"text"}"#,
        #"{"99999999999999999999":1}"#, "[0,1,2,3,4,5,6,7,8,9]", "[1e18]", "[1.5]",
    ]

    @Test(arguments: [
        ("/v1/completions", #""prompt":"ab""#), ("/v1/completions", #""prompt":[1,2,3]"#),
        ("/v1/chat/completions", #""messages":[{"role":"user","content":"a"}]"#),
        ("/v1/messages", #""max_tokens":9,"messages":[{"role":"user","content":"a"}]"#),
        ("/v1/responses", #""input":"a""#),
    ])
    func nothingIsTheServersFault(_ path: String, _ prompt: String) async throws {
        let fixture = try Fixture(saying: "yes")
        let bodies = (0..<1500).map { number in Self.body(prompt, seed: number) }
        let (answered, refused) = try await fixture.test { client in
            var (answered, refused) = (0, 0)
            for body in bodies {
                let answer = try await client.send(
                    path,
                    .post,
                    headers: [.contentType: "application/json"],
                    body: body
                )
                if answer.status == 200 {
                    answered += 1
                } else {
                    #expect(answer.status == 400, "\(body): \(answer.text)")
                    #expect(answer.json["error"]["message"].stringValue?.isEmpty == false)
                    refused += 1
                }
            }
            return (answered, refused)
        }
        #expect(answered > 100 && refused > 100)
        for request in fixture.engine.requests { check(request) }
    }

    /// A body with one or two fields, of values that now and then suit them.
    private static func body(_ prompt: String, seed: Int) -> String {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func next(_ count: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 33) % count
        }
        let pairs = (0...next(2)).map { _ in
            #""\#(fields[next(fields.count)])":\#(values[next(values.count)])"#
        }
        return "{" + ([prompt] + pairs).joined(separator: ",") + "}"
    }

    private func check(_ request: GenerationRequest) {
        let vocabulary = UInt32(TinyTokenizer.vocabularySize)
        let rules = request.rules
        #expect(rules.repetitionPenalty > 0 && rules.repetitionPenalty.isFinite)
        #expect((-2...2).contains(rules.presencePenalty))
        #expect((-2...2).contains(rules.frequencyPenalty))
        #expect(rules.bias.keys.allSatisfy { $0 < vocabulary })
        #expect(rules.bias.values.allSatisfy { (-100...100).contains($0) })
        #expect(rules.allowedTokens?.allSatisfy { $0 < vocabulary } ?? true)
        #expect(rules.allowedTokens?.isEmpty != true)
        #expect(rules.bannedRuns.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 < vocabulary } })
        #expect((0...20).contains(request.logprobCount ?? 0))
        #expect((0...20).contains(request.promptLogprobCount ?? 0))
        #expect((1...127).contains(request.promptTokens.count))
        #expect(request.promptTokens.count + request.stopping.maxTokens <= 128)
        #expect(request.stopping.minTokens <= request.stopping.maxTokens)
        #expect((1...4).contains(request.choiceCount))
        let sampling = request.sampling
        #expect(sampling.temperature >= 0 && sampling.temperature <= 2)
        #expect(sampling.topP > 0 && sampling.topP <= 1)
        #expect((0...1).contains(sampling.minP) && sampling.topK >= 0)
    }
}
