import Dispatch
import Glibc

/// The lines of standard input.
struct InputLines {
    /// Whether a person types them.
    let isTerminal = isatty(STDIN_FILENO) == 1

    /// The next line, with those in which it goes on; nil at the end.
    /// - Parameter prompt: shown on standard error if a person types.
    func next(prompt: String) async -> String? {
        if isTerminal { Terminal.note(prompt) }
        guard var line = await read() else { return nil }
        while line.hasSuffix("\\"), let more = await read() {
            line = line.dropLast() + "\n" + more
        }
        return line
    }

    /// Reads on a thread that may wait as long as it likes.
    private func read() async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: readLine()) }
        }
    }
}
