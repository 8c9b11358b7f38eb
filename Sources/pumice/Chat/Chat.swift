import ArgumentParser

/// `pumice chat`: a conversation in the terminal.
struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk to a model in the terminal, without a server.",
        discussion: """
            Each line is a message; one that ends in \\ goes on in the next. Ctrl-C stops an \
            answer, Ctrl-D ends the conversation. /reset forgets it, /system TEXT sets the system \
            prompt and begins anew, /help shows these. Answers go to standard output, all else to \
            standard error, so that it works in a pipe.
            """
    )

    @OptionGroup var model: LocalModelFlags

    @Option(help: "What the model is told before the conversation.")
    var systemPrompt: String?

    @Option(name: .shortAndLong, help: "Send one message, print the answer, and end.")
    var quick: String?

    @OptionGroup var sampling: SamplingFlags

    func run() async throws {
        let session = try await model.start()
        var conversation = Conversation(session.server, sampling.fields, system: systemPrompt)
        do {
            if let quick {
                try await conversation.send(quick)
            } else {
                try await talk(&conversation, with: session.name)
            }
        } catch {
            await session.end()
            throw error
        }
        await session.end()
    }

    private func talk(_ conversation: inout Conversation, with name: String) async throws {
        let input = InputLines()
        if input.isTerminal { Terminal.note("\(name). /help shows the commands.\n") }
        let interrupts = Interrupts()
        while let line = await input.next(prompt: "> ") {
            switch ChatCommand(line) {
            case .nothing: continue
            case .message(let text):
                do {
                    try await conversation.send(text, interrupts)
                } catch let refusal as StreamedReply.Refused where input.isTerminal {
                    Terminal.note("\(refusal.description)\n")
                }
            case .reset:
                conversation.reset()
                Terminal.note("The conversation is forgotten.\n")
            case .system(let text):
                conversation.reset(system: text)
                Terminal.note("The system prompt is set; the conversation begins anew.\n")
            case .help: Terminal.note(ChatCommand.helpText)
            case .exit: return
            case .unknown(let name):
                Terminal.note("There is no command \(name); /help shows what there is.\n")
            }
        }
        if input.isTerminal { Terminal.note("\n") }
    }
}
