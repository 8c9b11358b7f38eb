import Foundation

/// One line of a batch's output, in the order of fields that OpenAI and vLLM have.
struct BatchOutput: Sendable {
    var customID: String?
    /// What the endpoint answered; nil if the line did not come so far.
    var answer: Answer?
    /// Why there is no answer.
    var problem: String?

    struct Answer: Sendable {
        var status: Int
        var requestID: String
        /// JSON.
        var body: [UInt8]
    }

    /// Whether the endpoint answered with 200.
    var isSuccess: Bool { answer?.status == 200 }

    /// The line, without its end. As vLLM has it, `response.body` is the answer of a request that
    /// went well, and `error` is the endpoint's error, or a text.
    var line: [UInt8] {
        let requestID = answer?.requestID ?? RequestID.make()
        let status = answer?.status ?? 400
        let body = isSuccess ? answer?.body : nil
        let failure = isSuccess ? nil : answer?.body ?? Self.json(problem ?? "")
        var line = Array(#"{"id":"batch_req_\#(RequestID.make())","custom_id":"#.utf8)
        line += customID.map(Self.json) ?? Self.null
        line += Array(#","response":{"status_code":\#(status),"request_id":"#.utf8)
        line += Self.json(requestID) + Array(#","body":"#.utf8) + (body ?? Self.null)
        line += Array(#"},"error":"#.utf8) + (failure ?? Self.null) + Array("}".utf8)
        return line
    }

    private static let null = Array("null".utf8)

    private static func json(_ text: String) -> [UInt8] {
        // A string can always be written.
        (try? JSON.encode(text)).map { [UInt8]($0) } ?? null
    }
}
