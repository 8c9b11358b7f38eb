/// A response on its way: takes the parts of a chat's only choice, and says what a stream reports.
struct ResponseProgress {
    private(set) var response: ResponseObject
    private var eventCount = 0
    private var isOpen = false
    /// Of tokens whose text is still to come.
    private var pending: [ChatLogprobs.Position] = []
    private var finishReason: String?

    init(_ response: ResponseObject) { self.response = response }

    mutating func begin() -> [ResponseEvent] {
        [
            numbered(.init(type: "response.created", response: response)),
            numbered(.init(type: "response.in_progress", response: response)),
        ]
    }

    mutating func take(_ part: ChatCompletionChunk.Choice) -> [ResponseEvent] {
        var events: [ResponseEvent] = []
        pending += part.logprobs?.content ?? []
        if let text = part.delta.content, !text.isEmpty { take(text: text, &events) }
        for call in part.delta.toolCalls ?? [] { take(call, &events) }
        if let reason = part.finishReason {
            finishReason = reason
            close(reason == "length" ? .incomplete : .completed, &events)
        }
        return events.map { numbered($0) }
    }

    /// The last event of an answer that came to its end.
    mutating func finish(_ usage: Usage) -> ResponseEvent {
        response.usage = ResponseUsage(usage: usage)
        if finishReason == "length" {
            response.status = .incomplete
            response.incompleteDetails = .init(reason: "max_output_tokens")
        } else {
            response.status = .completed
        }
        return numbered(.init(type: "response.\(response.status.rawValue)", response: response))
    }

    /// The last event of an answer that did not.
    mutating func fail(_ error: OpenAIError) -> ResponseEvent {
        response.status = .failed
        response.error = .init(code: "server_error", message: error.message)
        return numbered(.init(type: "response.failed", response: response))
    }

    private var last: Int { response.output.count - 1 }

    private mutating func numbered(_ event: ResponseEvent) -> ResponseEvent {
        var event = event
        event.sequenceNumber = eventCount
        eventCount += 1
        return event
    }

    /// An event about the last item; its text is its only content.
    private func event(_ type: String, inText: Bool = false) -> ResponseEvent {
        ResponseEvent(
            type: type,
            outputIndex: last,
            itemID: response.output[last].id,
            contentIndex: inText ? 0 : nil
        )
    }

    private mutating func begin(_ item: ResponseItem, _ events: inout [ResponseEvent]) {
        close(.completed, &events)
        response.output.append(item)
        isOpen = true
        events.append(
            .init(type: "response.output_item.added", outputIndex: last, item: item)
        )
    }

    private mutating func take(text: String, _ events: inout [ResponseEvent]) {
        if !isOpen || response.output[last].content == nil {
            begin(.message(), &events)
            response.output[last].content = [.init()]
            var added = event("response.content_part.added", inText: true)
            added.part = .init()
            events.append(added)
        }
        response.output[last].content?[0].text += text
        response.output[last].content?[0].logprobs += pending
        var delta = event("response.output_text.delta", inText: true)
        delta.delta = text
        delta.logprobs = pending
        events.append(delta)
        pending = []
    }

    private mutating func take(_ call: ToolCallChunk, _ events: inout [ResponseEvent]) {
        if let id = call.id, let name = call.function.name {
            begin(.call(id: id, name: name), &events)
        }
        guard isOpen, !call.function.arguments.isEmpty else { return }
        response.output[last].arguments? += call.function.arguments
        var delta = event("response.function_call_arguments.delta")
        delta.delta = call.function.arguments
        events.append(delta)
    }

    private mutating func close(
        _ status: ResponseObject.Status,
        _ events: inout [ResponseEvent]
    ) {
        guard isOpen else { return }
        isOpen = false
        response.output[last].status = status
        if var text = response.output[last].content?.first {
            text.logprobs += pending
            response.output[last].content = [text]
            var done = event("response.output_text.done", inText: true)
            done.text = text.text
            done.logprobs = text.logprobs
            var part = event("response.content_part.done", inText: true)
            part.part = text
            events += [done, part]
        } else {
            var done = event("response.function_call_arguments.done")
            done.name = response.output[last].name
            done.arguments = response.output[last].arguments
            events.append(done)
        }
        pending = []
        events.append(
            .init(
                type: "response.output_item.done",
                outputIndex: last,
                item: response.output[last]
            )
        )
    }
}
