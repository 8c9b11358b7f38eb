import Grammars

/// Turns a choice's text into content and the calls in it.
struct ToolCallReader {
    private var parser: ToolCallParser
    /// OpenAI says `stop` of a call that the client named, and `tool_calls` of others.
    private let isNamed: Bool

    init?(_ tools: ToolFields, format: ToolCallFormat) {
        guard tools.mayBeCalled else { return nil }
        parser = ToolCallParser(format, tools: tools.tools.map(\.name))
        isNamed = tools.isNamed
    }

    /// Takes text that follows; the last has `isEnd` set.
    mutating func read(_ text: String, isEnd: Bool) -> (content: String, calls: [ToolCallChunk]) {
        var content = ""
        var calls: [ToolCallChunk] = []
        for delta in parser.read(text) + (isEnd ? parser.finish() : []) {
            switch delta {
            case .content(let text): content += text
            case .call(let index, let name):
                calls.append(.beginning(index: index, name: name))
            case .arguments(let index, let text):
                if let last = calls.last, last.index == index {
                    calls[calls.count - 1].function.arguments += text
                } else {
                    calls.append(.arguments(index: index, text))
                }
            }
        }
        return (content, calls)
    }

    /// The reason for an end, where the model's own is `reason`.
    func finishReason(_ reason: String) -> String {
        reason == "stop" && parser.callCount > 0 && !isNamed ? "tool_calls" : reason
    }
}
