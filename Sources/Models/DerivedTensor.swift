import Checkpoints
import Foundation

/// A tensor that is made of others as it is read.
struct DerivedTensor: Sendable {
    /// Of `rowCount` rows of the same size, and at least one.
    let info: TensorInfo
    let rowCount: Int
    /// The tensors it is made of.
    let sources: [String]
    /// The bytes of some rows; called by several threads at once.
    private let rows: @Sendable (Range<Int>) throws -> [UInt8]
    /// Called when some rows are made.
    private let release: @Sendable () -> Void

    /// Weights that are worth a thread of their own.
    private static let leastPerThread = 1 << 16

    init(
        info: TensorInfo,
        rowCount: Int,
        sources: [String],
        release: @escaping @Sendable () -> Void = {},
        rows: @escaping @Sendable (Range<Int>) throws -> [UInt8]
    ) {
        precondition(
            rowCount > 0 && info.byteCount % rowCount == 0 && info.byteCount > 0,
            "\(info.name): \(info.byteCount) bytes in \(rowCount) rows"
        )
        (self.info, self.rowCount, self.sources) = (info, rowCount, sources)
        (self.rows, self.release) = (rows, release)
    }

    /// One that is made row by row.
    static func byRow(
        _ info: TensorInfo,
        rowCount: Int,
        sources: [String],
        row: @escaping @Sendable (Int) -> [UInt8]
    ) -> DerivedTensor {
        DerivedTensor(info: info, rowCount: rowCount, sources: sources) {
            $0.flatMap { row($0) }
        }
    }

    /// Copies a range of the tensor's bytes to `bytes` from `offset` on.
    /// - Throws: what reading the sources throws.
    func read(_ range: Range<Int>, into bytes: inout MutableRawSpan, at offset: Int) throws {
        let size = info.byteCount / rowCount
        let rows = range.lowerBound / size..<(range.upperBound + size - 1) / size
        let weights = rows.count * (info.elementCount / rowCount)
        let parts = try inParallel(rows, atMost: max(1, weights / Self.leastPerThread)) {
            let bytes = try self.rows($0)
            precondition(bytes.count == size * $0.count, "\(bytes.count) bytes for rows \($0)")
            return bytes
        }
        release()
        var start = rows.lowerBound * size
        for part in parts {
            let wanted = range.clamped(to: start..<start + part.count)
            let source = wanted.lowerBound - start..<wanted.upperBound - start
            let place = offset + wanted.lowerBound - range.lowerBound
            unsafe bytes.copy(part.span.bytes.extracting(source), place)
            start += part.count
        }
    }

    /// All bytes. Where reading the sources fails there are none, as for a file that is mapped.
    func bytes() -> [UInt8] {
        do {
            return try rows(0..<rowCount)
        } catch {
            preconditionFailure("\(info.name), \(info.byteCount) bytes: \(error)")
        }
    }
}

extension MutableRawSpan {
    /// Copies all of `bytes` to `offset`.
    mutating func copy(_ bytes: RawSpan, _ offset: Int) {
        let whole = bytes.byteCount & -16
        for at in stride(from: 0, to: whole, by: 16) { copy16(bytes, at, offset + at) }
        for at in whole..<bytes.byteCount { store(bytes.load(at, as: UInt8.self), offset + at) }
    }
}
