import ArgumentParser
import Foundation
import OpenAIServer

/// The answers of a batch: in `PATH.partial` until all are there.
final class BatchFile {
    private let path: String
    private let partial: String
    private let file: FileHandle
    /// Answers that an earlier run has left.
    private(set) var resumedCount = 0

    /// - Parameter input: set to go on with what is there; its answered lines are passed over.
    init(path: String, resuming input: BatchInput?) throws {
        self.path = path
        partial = path + ".partial"
        if input == nil || !FileManager.default.fileExists(atPath: partial) {
            guard FileManager.default.createFile(atPath: partial, contents: nil) else {
                throw ValidationError("\(partial) cannot be written.")
            }
        }
        guard let file = FileHandle(forUpdatingAtPath: partial) else {
            throw ValidationError("\(partial) cannot be written.")
        }
        self.file = file
        if let input { try passOver(input) }
    }

    /// Counts the whole lines there are, and cuts off what is behind them.
    private func passOver(_ input: BatchInput) throws {
        let byteCount = try file.seekToEnd()
        try file.seek(toOffset: 0)
        var reader = LineReader(file, limit: .max)
        var end: UInt64 = 0
        // What was cut off in mid-line has no end of line.
        while case .text(let line)? = try reader.next(), end + UInt64(line.count) < byteCount {
            resumedCount += 1
            end += UInt64(line.count) + 1
            try input.skip(answeredBy: line, number: resumedCount)
        }
        try file.truncate(atOffset: end)
        try file.seek(toOffset: end)
    }

    func append(_ line: [UInt8]) throws {
        try file.write(contentsOf: line + [UInt8(ascii: "\n")])
    }

    /// Gives the file its name, in place of one that has it.
    func finish() throws {
        try file.synchronize()
        try file.close()
        guard unsafe rename(partial, path) == 0 else {
            throw ValidationError("\(partial) cannot be renamed to \(path).")
        }
    }
}
