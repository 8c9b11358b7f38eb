import OpenAIServer

/// What has been said, and how to go on.
struct Conversation {
    private let server: LocalServer
    private let sampling: RequestBody.Sampling
    private var messages: [RequestBody.Message] = []

    init(_ server: LocalServer, _ sampling: RequestBody.Sampling, system: String?) {
        self.server = server
        self.sampling = sampling
        reset(system: system ?? "")
    }

    /// Forgets everything but the system prompt.
    mutating func reset() { messages.removeAll { $0.role != "system" } }

    /// Forgets everything; an empty text means no system prompt.
    mutating func reset(system: String) {
        messages = system.isEmpty ? [] : [.init(role: "system", content: system)]
    }

    /// Says something, and prints the answer as it comes and then its speed. What came of an answer
    /// that is interrupted stays in the conversation.
    /// - Throws: `StreamedReply.Refused`; the conversation is then as before.
    mutating func send(_ text: String, _ interrupts: Interrupts? = nil) async throws {
        let body = RequestBody(
            messages: messages + [.init(role: "user", content: text)],
            sampling: sampling
        )
        let answering = Task { [server] in
            var reply = StreamedReply()
            do {
                try await reply.run(body, on: server) { try Terminal.write($0) }
                return (reply, failure: nil as (any Error)?)
            } catch {
                return (reply, failure: error)
            }
        }
        interrupts?.onInterrupt { answering.cancel() }
        defer { interrupts?.onInterrupt(nil) }
        let (reply, failure) = await answering.value
        if let failure, !(failure is CancellationError) { throw failure }
        messages = (body.messages ?? []) + [.init(role: "assistant", content: reply.text)]
        try Terminal.write("\n")
        let ending =
            failure == nil ? reply.finishReason == "length" ? " cut at the limit" : "" : " stopped"
        Terminal.note("\(reply.speed)\(ending)\n")
    }
}
