import ArgumentParser
import Foundation
import OpenAIServer

/// The requests of a batch.
final class BatchInput {
    /// A line is a body and little more.
    private static let lineLimit = OpenAIServer.Limits().bodySize + (1 << 16)

    private let path: String
    private var reader: LineReader

    init(path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ValidationError("\(path) cannot be read.")
        }
        self.path = path
        reader = LineReader(file, limit: Self.lineLimit)
    }

    func next() throws -> LineReader.Line? { try reader.next() }

    /// Passes over a line that has been answered.
    /// - Throws: if the answer belongs to another line.
    func skip(answeredBy output: [UInt8], number: Int) throws {
        let line = try reader.next()
        var customID: String?
        if case .text(let text) = line { customID = Batch.customID(ofLine: text) }
        guard line != nil, customID == Batch.customID(ofLine: output) else {
            throw ValidationError(
                "Answer \(number) of the earlier run belongs to another request than line "
                    + "\(number) of \(path). Run without --resume to begin anew."
            )
        }
    }
}
