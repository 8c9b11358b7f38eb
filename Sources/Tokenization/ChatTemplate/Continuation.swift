/// Ends a prompt inside its last message. A marker is appended to that message before rendering;
/// the prompt is cut where it comes out.
struct Continuation {
    /// What transformers uses; the space shows whether the template trims messages.
    private static let marker = "CONTINUE_FINAL_MESSAGE_TAG "
    private static let trimmedMarker = "CONTINUE_FINAL_MESSAGE_TAG"

    private let text: String

    /// Marks the end of the last message, or of its last part with text. Throws `.notContinuable`.
    init(of messages: inout [JinjaValue]) throws(ChatTemplateError) {
        guard case .object(var message)? = messages.last, let content = message["content"] else {
            throw .notContinuable(
                "there is no last message with content to continue: "
                    + "send one, or leave continue_final_message out"
            )
        }
        switch content {
        case .string(let text):
            self.text = text
            message["content"] = .string(text + Self.marker)
        case .list(let parts):
            var elements = parts.elements
            guard
                let index = elements.lastIndex(where: { $0["text"].stringValue != nil }),
                case .object(var part) = elements[index], case .string(let text)? = part["text"]
            else {
                throw .notContinuable("no part of the last message has a text to continue")
            }
            self.text = text
            part["text"] = .string(text + Self.marker)
            elements[index] = .object(part)
            message["content"] = JinjaValue(elements)
        default:
            throw .notContinuable("the content of the last message is no text to continue")
        }
        messages[messages.count - 1] = .object(message)
    }

    /// The prompt up to the marker. Throws `.notContinuable` where the template left the message
    /// out or changed it.
    func cut(_ prompt: String) throws(ChatTemplateError) -> String {
        let bytes = Array(prompt.utf8)
        guard PythonText.contains(prompt, PythonText.strip(text, nil)),
            let end = PythonTextSearcher(Self.trimmedMarker, backward: true).find(
                in: bytes,
                0..<bytes.count
            )
        else {
            throw .notContinuable(
                "the chat template does not render the last message as it is: "
                    + "it cannot be continued with this model"
            )
        }
        let front = PythonText.string(bytes[..<end])
        let keepsSpace = bytes[end...].starts(with: Self.marker.utf8)
        return keepsSpace ? front : PythonText.strip(front, nil, .right)
    }
}
