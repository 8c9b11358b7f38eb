import Foundation
import Synchronization

/// What files say, read again when they change.
///
/// It compares contents, not times or names: Kubernetes and cert-manager replace the folder behind
/// a symbolic link, others write in place, and both are seen.
final class ReloadedFiles<Value: Sendable>: Sendable {
    /// Bytes in a file of keys or certificates; more is a mistake.
    private static var sizeLimit: Int { 1 << 20 }

    private struct State {
        /// What was read last, or why nothing was.
        var seen: Result<[Data], FileError>
        var value: Value
    }

    private let paths: [String]
    private let parse: @Sendable ([Data]) throws -> Value
    private let state: Mutex<State>

    /// - Throws: `FileError` for a file that cannot be read, and what `parse` throws.
    init(_ paths: [String], parse: @escaping @Sendable ([Data]) throws -> Value) throws {
        let contents = try Self.contents(paths)
        state = Mutex(State(seen: .success(contents), value: try parse(contents)))
        self.paths = paths
        self.parse = parse
    }

    /// What the files said when they were last right.
    var value: Value { state.withLock { $0.value } }

    /// Reads the files again.
    /// - Returns: whether the value has changed.
    /// - Throws: why the files are wrong, once for each way of being wrong; the value stays.
    func reload() throws -> Bool {
        let contents = Result { () throws(FileError) in try Self.contents(paths) }
        let isNew = state.withLock { state in
            defer { state.seen = contents }
            return state.seen != contents
        }
        guard isNew else { return false }
        let value = try parse(contents.get())
        state.withLock { $0.value = value }
        return true
    }

    private static func contents(_ paths: [String]) throws(FileError) -> [Data] {
        var contents: [Data] = []
        for path in paths { contents.append(try Self.contents(path)) }
        return contents
    }

    private static func contents(_ path: String) throws(FileError) -> Data {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: sizeLimit + 1) ?? Data()
        } catch {
            throw FileError("\(path) cannot be read. See that it exists and who may read it.")
        }
        guard data.count <= sizeLimit else {
            throw FileError("\(path) has more than \(sizeLimit) bytes; it is the wrong file.")
        }
        return data
    }
}

/// A file that an operator named is not what it should be.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
