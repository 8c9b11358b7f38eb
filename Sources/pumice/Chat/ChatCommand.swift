import Foundation

/// What a line of a conversation asks for.
enum ChatCommand: Equatable {
    case nothing
    case message(String)
    case reset
    case system(String)
    case help
    case exit
    case unknown(String)

    static let helpText = """
        /reset        forget the conversation
        /system TEXT  set the system prompt (none without TEXT) and begin anew
        /exit         end; so does Ctrl-D
        Ctrl-C        stop an answer; what came of it stays in the conversation
        A line that ends in \\ goes on in the next.

        """

    init(_ line: String) {
        let text = line.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasPrefix("/") else {
            self = text.isEmpty ? .nothing : .message(text)
            return
        }
        let name = text.prefix { !$0.isWhitespace }
        let rest = text.dropFirst(name.count).trimmingCharacters(in: .whitespaces)
        switch name {
        case "/reset": self = .reset
        case "/system": self = .system(rest)
        case "/help": self = .help
        case "/exit", "/quit", "/bye": self = .exit
        default: self = .unknown(String(name))
        }
    }
}
