import ArgumentParser
import Foundation

/// `pumice complete`: one completion on standard output.
struct Complete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Continue a text on standard output, without a server.",
        discussion: """
            The text is an argument or standard input, and is continued as it is, without a chat \
            template: pumice complete model.gguf "Once upon a time" --max-tokens 50
            """
    )

    @OptionGroup var model: LocalModelFlags

    @Argument(help: "The text to continue; standard input if it is left out or -.")
    var prompt: String?

    @Flag(help: "Print the text itself, too.")
    var echo = false

    @OptionGroup var sampling: SamplingFlags

    /// A completion of the API has 16 tokens at most unless it says otherwise, which suits nobody
    /// here.
    private static let defaultMaxTokens = 256

    /// Standard input beyond this is no prompt.
    private static let promptLimit = 32 << 20

    func run() async throws {
        let prompt = try text()
        let session = try await model.start()
        var fields = sampling.fields
        fields.maxTokens = fields.maxTokens ?? Self.defaultMaxTokens
        var reply = StreamedReply()
        do {
            try await reply.run(
                RequestBody(prompt: prompt, echo: echo, sampling: fields),
                on: session.server
            ) { try Terminal.write($0) }
        } catch {
            await session.end()
            throw error
        }
        try Terminal.write("\n")
        await session.end()
        Terminal.note(reply.speed + "\n")
    }

    private func text() throws -> String {
        if let prompt, prompt != "-" { return prompt }
        let data = try FileHandle.standardInput.read(upToCount: Self.promptLimit) ?? Data()
        guard !data.isEmpty else {
            throw ValidationError("There is no text to continue, neither as argument nor as input.")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
