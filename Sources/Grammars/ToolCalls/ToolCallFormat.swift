/// How a model writes the calls of tools.
public enum ToolCallFormat: String, CaseIterable, Hashable, Sendable {
    /// Hermes and Qwen: `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, any number,
    /// after and between text.
    case hermes
    /// Llama 3: the output is `{"name": …, "parameters": {…}}`, perhaps after `<|python_tag|>`,
    /// several with `;` between.
    case llama3 = "llama3_json"
    /// Mistral: `[TOOL_CALLS] [{"name": …, "arguments": {…}}, …]`, or in later models
    /// `[TOOL_CALLS]name{…}`, perhaps with `[ARGS]` between.
    case mistral
    /// The output is such an object, or a list of them.
    case json

    /// What stands before calls in a text that may have other content, if something does.
    public var marker: String? {
        switch self {
        case .hermes: "<tool_call>"
        case .mistral: "[TOOL_CALLS]"
        case .llama3, .json: nil
        }
    }

    /// The member that has the arguments, as the model was taught.
    var argumentsKey: String { self == .llama3 ? "parameters" : "arguments" }

    /// The format that a chat template teaches, by the marks that it writes itself.
    public init(chatTemplate: String) {
        if chatTemplate.contains("<tool_call>") {
            self = .hermes
        } else if chatTemplate.contains("[TOOL_CALLS]") {
            self = .mistral
        } else if chatTemplate.contains("<|python_tag|>")
            || chatTemplate.contains("<|start_header_id|>")
        {
            self = .llama3
        } else {
            self = .json
        }
    }
}

/// A piece of an answer: text, or a part of a call.
public enum ToolCallDelta: Equatable, Sendable {
    case content(String)
    /// The call with this number, from 0, begins. Its arguments follow.
    case call(index: Int, name: String)
    /// The next part of a call's arguments; all together are its JSON text.
    case arguments(index: Int, String)
}
