import ArgumentParser
import Foundation
import OpenAIServer

/// `pumice run-batch`: a file of requests, answered without a server.
struct RunBatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-batch",
        abstract: "Answer a file of requests in OpenAI's batch format.",
        discussion: """
            Each line of the input is {"custom_id": …, "method": "POST", "url": \
            "/v1/chat/completions", "body": {…}}, each line of the output its answer or what was \
            wrong with it, in the same order. The output has its name only once it is whole; until \
            then it is in OUTPUT.partial, with which --resume goes on.
            """
    )

    @Option(name: [.customShort("i"), .long], help: "The file of requests, a JSON object a line.")
    var inputFile: String

    @Option(name: [.customShort("o"), .long], help: "The file for the answers.")
    var outputFile: String

    @OptionGroup var engine: EngineFlags

    @OptionGroup var store: StoreFlags

    @Option(
        parsing: .upToNextOption,
        help: "Names that requests may give the model; by default the file's or repository's name."
    )
    var servedModelName: [String] = []

    @Option(help: "A file with a chat template to use instead of the model's own.")
    var chatTemplate: String?

    @Flag(help: "Go on where an earlier run of the same input was cut off.")
    var resume = false

    /// Requests at the engine for each that runs: some wait there, so that the engine never does.
    private static let requestsPerSequence = 2

    func run() async throws {
        let input = try BatchInput(path: inputFile)
        let output = try BatchFile(path: outputFile, resuming: resume ? input : nil)
        let session = try await LocalSession(
            engine.engineOptions,
            store: store,
            names: servedModelName,
            chatTemplate: chatTemplate
        )
        let batch = Batch(
            session.server,
            inFlightCount: min(
                Self.requestsPerSequence * engine.maxNumSeqs,
                engine.maxNumQueuedReqs
            )
        )
        let report = BatchReport(earlierCount: output.resumedCount)
        do {
            let progress = try await batch.run(input.next) { line, progress in
                try output.append(line)
                report.show(progress)
            }
            try output.finish()
            report.showEnd(progress, path: outputFile)
        } catch {
            await session.end()
            throw error
        }
        await session.end()
    }
}
