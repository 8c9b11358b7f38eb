import ArgumentParser
import Benchmarking
import Foundation

/// One start of a server, timed.
struct ServerStart {
    /// Seconds from the start of the process.
    let ready: Double
    let firstToken: Double
    let readyLine: String

    /// Starts a server, asks it for one token as soon as it is ready, and ends it.
    /// - Throws: `ValidationError` with what the server wrote, if it does not come so far.
    static func measure(_ command: [String], timeout: Duration) async throws -> ServerStart {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        let begin = ContinuousClock.now
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        // The watchdog ends the child, and with it the line this waits for.
        let watchdog = Task { [identifier = process.processIdentifier] in
            try await Task.sleep(for: timeout)
            kill(identifier, SIGKILL)
        }
        defer { watchdog.cancel() }
        var line = ""
        for await read in pipe.fileHandleForReading.lineSequence where read.hasPrefix("Ready") {
            line = read
            break
        }
        let ready = (ContinuousClock.now - begin).inSeconds
        guard let url = line.split(separator: " ").last, url.hasPrefix("http") else {
            let took = ContinuousClock.now - begin
            throw ValidationError(
                "`\(command.joined(separator: " "))` "
                    + (took < timeout
                        ? "ended before it was ready." : "did not become ready within \(timeout).")
            )
        }
        let client = LoadClient(
            address: try ServerAddress(String(url)),
            model: try await LoadClient.firstModel(at: ServerAddress(String(url)), apiKey: nil),
            timeout: timeout
        )
        let prompt = PromptSource(kind: .tokens, seed: 1).prompt(0, length: 16)
        let outcome = await client.send(prompt, promptLength: 16, maxTokens: 1, start: begin)
        guard let first = outcome.textTimes.first else {
            throw ValidationError(
                "The server gave no first token: \(outcome.failure?.description ?? "")."
            )
        }
        return ServerStart(ready: ready, firstToken: first, readyLine: line)
    }
}

extension FileHandle {
    /// Lines as they come, read on a thread of their own.
    fileprivate var lineSequence: AsyncStream<String> {
        AsyncStream { continuation in
            let thread = Thread { [self] in
                var text: [UInt8] = []
                while case let bytes = availableData, !bytes.isEmpty {
                    for byte in bytes {
                        if byte == UInt8(ascii: "\n") {
                            continuation.yield(String(decoding: text, as: UTF8.self))
                            text.removeAll()
                        } else if text.count < 1 << 16 {
                            text.append(byte)
                        }
                    }
                }
                continuation.finish()
            }
            thread.start()
        }
    }
}
