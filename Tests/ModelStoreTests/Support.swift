import Foundation
import ModelStore
import Synchronization

/// A folder that is gone when its owner is.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let name = "pumice-store-\(UUID().uuidString)"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Every file below, by its path from here.
    var files: [String] {
        let found = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return found.filter { name in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
            return !isFolder.boolValue
        }.sorted()
    }
}

/// A store in `folder` that gives up within a second or two, with ranges of 100,000 bytes.
func quickConfiguration(_ folder: TemporaryFolder) -> StoreConfiguration {
    var configuration = StoreConfiguration(environment: ["HOME": folder.path])
    configuration.folder = folder.path + "/store"
    configuration.limits.chunkByteCount = 100_000
    configuration.limits.journalSeconds = 0.05
    configuration.limits.stallSeconds = 1
    configuration.limits.lockPollSeconds = 0.02
    configuration.limits.retries.firstDelay = 0.01
    configuration.limits.retries.longestDelay = 0.05
    configuration.limits.retries.attemptCount = 4
    configuration.limits.retries.progressByteCount = 10_000
    return configuration
}

/// Bytes of which no two places look alike.
func someBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

func digest(_ bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes.span)
    return hash.finish()
}

func contents(_ path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
}

/// A value that several tasks may change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value {
        get { mutex.withLock { $0 } }
        set { mutex.withLock { $0 = newValue } }
    }

    func change(_ body: (inout sending Value) -> Void) { mutex.withLock { body(&$0) } }
}
