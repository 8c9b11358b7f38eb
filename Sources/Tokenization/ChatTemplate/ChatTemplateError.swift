/// Why a conversation could not be rendered.
public enum ChatTemplateError: Error, Sendable, CustomStringConvertible {
    /// The checkpoint's template does not compile. Nothing a client can do about it.
    case invalidTemplate(JinjaError)
    /// The template refused the conversation through `raise_exception`: roles that do not
    /// alternate, a system message where the model knows none. The message is the template's own.
    case refused(String)
    /// The template failed on this conversation, or ran into a limit.
    case failed(JinjaError)
    /// The last message cannot be continued.
    case notContinuable(String)

    public var description: String {
        switch self {
        case .invalidTemplate(let error): "the chat template does not compile: \(error)"
        case .refused(let message): message
        case .failed(let error): "the chat template failed: \(error)"
        case .notContinuable(let reason): reason
        }
    }
}
