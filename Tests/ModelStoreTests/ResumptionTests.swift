import Foundation
import ModelStore
import Testing

/// Downloads that are interrupted, shared and begun again.
struct ResumptionTests {
    static let bytes = someBytes(1_000_000)

    @Test func whatArrivedIsGoneOnWith() async throws {
        let folder = try TemporaryFolder()
        let configuration = quickConfiguration(folder)
        let isDown = Shared(true)
        let server = try FaultServer { request in
            let isBad = isDown.value && request.index > 5
            return isBad ? .init(503) : .file(Self.bytes, request)
        }
        defer { server.stop() }
        let address = server.address("/model.gguf")
        await #expect(throws: ModelStoreError.self) {
            try await ModelStore(configuration).model(address)
        }
        let arrived = server.sentByteCount
        #expect(arrived > 200_000 && arrived < 900_000)
        isDown.value = false
        let model = try await ModelStore(configuration).model(address)
        #expect(try contents(model.path) == Self.bytes)
        // One byte is the question whether the file is the same.
        #expect(server.sentByteCount == Self.bytes.count + 2)
    }

    @Test func anotherFileIsBegunAnew() async throws {
        let folder = try TemporaryFolder()
        let configuration = quickConfiguration(folder)
        let other = someBytes(1_000_000, seed: 2)
        let isNew = Shared(false)
        let server = try FaultServer { request in
            if isNew.value { return .file(other, request, tag: "\"new\"") }
            return request.index > 5 ? .init(503) : .file(Self.bytes, request)
        }
        defer { server.stop() }
        let address = server.address("/model.gguf")
        await #expect(throws: ModelStoreError.self) {
            try await ModelStore(configuration).model(address)
        }
        isNew.value = true
        let model = try await ModelStore(configuration).model(address)
        #expect(try contents(model.path) == other)
    }

    @Test func aTornJournalIsNotBelieved() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/journal"
        for text in ["", "{", "[]", "{\"byteCount\":10,\"received\":[[0,11]]}"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            #expect(DownloadJournal(path: path)?.ranges.byteCount ?? 0 == 0)
        }
        var journal = DownloadJournal(byteCount: 10, sha256: nil, entityTag: "\"a\"")
        var ranges = ReceivedRanges()
        ranges.insert(3..<7)
        journal.ranges = ranges
        try journal.write(to: path)
        #expect(DownloadJournal(path: path) == journal)
        #expect(journal.continues(.init(byteCount: 10, sha256: nil, entityTag: "\"a\"")))
        #expect(!journal.continues(.init(byteCount: 11, sha256: nil, entityTag: "\"a\"")))
        #expect(!journal.continues(.init(byteCount: 10, sha256: nil, entityTag: "\"b\"")))
        let unknown = DownloadJournal(byteCount: 10, sha256: nil, entityTag: nil)
        #expect(!unknown.continues(unknown))
    }

    @Test func processesThatShareAFolderDownloadOnce() async throws {
        let folder = try TemporaryFolder()
        let configuration = quickConfiguration(folder)
        let server = try FaultServer { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            reply.rest = 0.02
            return reply
        }
        defer { server.stop() }
        let address = server.address("/model.gguf")
        let waits = Shared(0)
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let model = try await ModelStore(configuration).model(address) { progress in
                        guard progress.activity == .waitingForAnotherProcess else { return }
                        waits.change { $0 += 1 }
                    }
                    return try contents(model.path)
                }
            }
            for try await found in group { #expect(found == Self.bytes) }
        }
        #expect(waits.value == 3)
        #expect(server.sentByteCount == Self.bytes.count + 1)
    }

    @Test func aHolderThatHangsIsNotWaitedForForEver() async throws {
        let folder = try TemporaryFolder()
        var limits = StoreLimits()
        (limits.busySeconds, limits.lockPollSeconds) = (1, 0.05)
        let path = folder.path + "/lock"
        let held = try #require(try FileLock(path: path))
        #expect(held.isHeld)
        await #expect(throws: ModelStoreError.busy(path: path, seconds: 1)) {
            _ = try await FileLock.acquire(path, limits) {}
        }
        let heart = ticking(every: 0.1) { held.touch() }
        let waiter = Task { try await FileLock.acquire(path, limits) {} }
        try await Task.sleep(for: .seconds(2))
        #expect(!waiter.isCancelled)
        waiter.cancel()
        heart.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiter.value }
    }

    @Test func aCancelledDownloadEndsAtOnce() async throws {
        let folder = try TemporaryFolder()
        let configuration = quickConfiguration(folder)
        let server = try FaultServer { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            reply.rest = request.isProbe ? 0 : 60
            return reply
        }
        defer { server.stop() }
        let address = server.address("/model.gguf")
        let task = Task { try await ModelStore(configuration).model(address) }
        try await Task.sleep(for: .seconds(0.5))
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: (any Error).self) { _ = try await task.value }
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
