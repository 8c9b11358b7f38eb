public import Foundation

/// A file's lines, one by one, whatever the file's size.
public struct LineReader {
    /// A line without its end.
    public enum Line: Sendable, Equatable {
        case text([UInt8])
        /// It is longer than the limit, and was passed over.
        case tooLong
    }

    private let file: FileHandle
    private let limit: Int
    private var buffer: [UInt8] = []
    private var position = 0

    private static let pieceSize = 1 << 16

    /// - Parameter limit: the most bytes of a line.
    public init(_ file: FileHandle, limit: Int) {
        self.file = file
        self.limit = limit
    }

    /// The next line that is not empty; nil after the last.
    /// - Throws: what reading the file throws.
    public mutating func next() throws -> Line? {
        while let line = try nextOfAny() {
            if case .text(let text) = line, text.allSatisfy(Self.isSpace) { continue }
            return line
        }
        return nil
    }

    private mutating func nextOfAny() throws -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        while true {
            if position == buffer.count {
                buffer = [UInt8](try file.read(upToCount: Self.pieceSize) ?? Data())
                position = 0
                if buffer.isEmpty { return isTooLong ? .tooLong : line.isEmpty ? nil : .text(line) }
            }
            let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n"))
            let piece = buffer[position..<(end ?? buffer.count)]
            if isTooLong || line.count + piece.count > limit {
                isTooLong = true
                line = []
            } else {
                line += piece
            }
            position = end.map { $0 + 1 } ?? buffer.count
            if end != nil { return isTooLong ? .tooLong : .text(line) }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0D].contains(byte) }
}
