/// Turns the parts of a chat's only choice into the events of a streamed message: blocks, one after
/// the other, of text or of a call.
struct MessageBlocks {
    private enum Kind { case text, call }

    private var open: Kind?
    private var index = -1
    private var hasCalls = false
    /// How the message ended; known with the last part.
    private(set) var ending: MessageEnding?

    mutating func take(_ part: ChatCompletionChunk.Choice) -> [MessagesEvent] {
        var events: [MessagesEvent] = []
        if let text = part.delta.content, !text.isEmpty {
            if open != .text { begin(.text, .text(""), &events) }
            events.append(.blockDelta(index, .text(text)))
        }
        for call in part.delta.toolCalls ?? [] {
            if let id = call.id, let name = call.function.name {
                begin(.call, .toolUse(id: MessagesResponse.Block.id(id), name: name), &events)
                hasCalls = true
            }
            guard !call.function.arguments.isEmpty else { continue }
            events.append(.blockDelta(index, .input(call.function.arguments)))
        }
        if let reason = part.finishReason {
            close(&events)
            ending = MessageEnding(
                finishReason: reason,
                stopReason: part.stopReason?.wrappedValue,
                hasCalls: hasCalls
            )
        }
        return events
    }

    private mutating func begin(
        _ kind: Kind,
        _ block: MessagesResponse.Block,
        _ events: inout [MessagesEvent]
    ) {
        close(&events)
        open = kind
        index += 1
        events.append(.blockStart(index, block))
    }

    private mutating func close(_ events: inout [MessagesEvent]) {
        if open != nil { events.append(.blockStop(index)) }
        open = nil
    }
}
