import Foundation
import ModelStore
import Testing

/// What goes wrong on the way of one file, and what becomes of it.
struct DownloadFaultTests {
    static let bytes = someBytes(1_050_000)

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Downloads `path` of a server; returns the bytes.
    private func download(
        _ server: FaultServer,
        path: String = "/model.gguf",
        change: (inout StoreConfiguration) -> Void = { _ in }
    ) async throws -> [UInt8] {
        var configuration = quickConfiguration(folder)
        change(&configuration)
        let model = try await ModelStore(configuration).model(server.address(path))
        return try contents(model.path)
    }

    /// Expects the download to be refused with all of `words`.
    private func refuse(
        _ words: String...,
        path: String = "/model.gguf",
        change: (inout StoreConfiguration) -> Void = { _ in },
        sourceLocation: SourceLocation = #_sourceLocation,
        _ script: @escaping @Sendable (FaultServer.Request) -> FaultServer.Reply
    ) async throws -> FaultServer {
        let server = try FaultServer(script)
        defer { server.stop() }
        let error = await #expect(throws: ModelStoreError.self, sourceLocation: sourceLocation) {
            try await download(server, path: path, change: change)
        }
        let text = error?.description ?? ""
        for word in words {
            #expect(text.contains(word), "no “\(word)” in: \(text)", sourceLocation: sourceLocation)
        }
        let finished = folder.files.filter { $0.hasSuffix(".gguf") }
        #expect(finished.isEmpty, sourceLocation: sourceLocation)
        return server
    }

    @Test func aFileArrivesInRanges() async throws {
        let server = try FaultServer { .file(Self.bytes, $0) }
        defer { server.stop() }
        let path = "/a/model.gguf?signature=x#sha256=\(digest(Self.bytes))"
        #expect(try await download(server, path: path) == Self.bytes)
        #expect(server.requests.count == 12)
        #expect(server.requests.allSatisfy { $0.path == "/a/model.gguf?signature=x" })
        let kinds = Set(folder.files.map { $0.split(separator: ".").last ?? "" })
        #expect(kinds == ["gguf", "lock"])
        // What is there is not asked for.
        #expect(try await download(server, path: path) == Self.bytes)
        #expect(server.requests.count == 12)
    }

    @Test func emptyAndTinyFilesArrive() async throws {
        for count in [0, 1, 2, 99_999, 100_000, 100_001] {
            let server = try FaultServer { .file(Array(Self.bytes[0..<count]), $0) }
            defer { server.stop() }
            #expect(try await download(server, path: "/\(count)") == Array(Self.bytes[0..<count]))
        }
    }

    @Test func cutConnectionsAreMadeAgainFromWhereTheyWere() async throws {
        let server = try FaultServer { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            if !request.isProbe { reply.sentByteCount = 30_000 }
            return reply
        }
        defer { server.stop() }
        #expect(try await download(server) == Self.bytes)
        // Nothing was sent twice.
        #expect(server.sentByteCount == Self.bytes.count + 1)
    }

    @Test func aServerThatGivesALittleEachTimeIsGivenUp() async throws {
        _ = try await refuse("in 4 attempts", "kept") { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            if !request.isProbe { reply.sentByteCount = 10 }
            return reply
        }
    }

    @Test func passingErrorsAreWaitedOut() async throws {
        for status in [408, 429, 500, 502, 503, 504] {
            let server = try FaultServer { request in
                if request.index < 3 || request.index % 4 == 1 {
                    return .init(status, Array("busy".utf8), headers: ["Retry-After": "0.02"])
                }
                return .file(Self.bytes, request)
            }
            defer { server.stop() }
            #expect(try await download(server, path: "/\(status)") == Self.bytes)
        }
    }

    @Test func errorsThatStayAreSaid() async throws {
        for (status, word) in [
            (401, "HF_TOKEN"), (403, "signed"), (404, "revision"), (410, "no such"),
        ] {
            let server = try await refuse("status \(status)", word) { _ in .init(status) }
            #expect(server.requests.count == 1)
        }
        let server = try await refuse("in 4 attempts", "503: overloaded") { _ in
            .init(503, Array("overloaded\nsecond line".utf8))
        }
        #expect(server.requests.count == 4)
    }

    @Test func aStalledConnectionIsMadeAgain() async throws {
        let server = try FaultServer { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            reply.hangs = request.index == 3
            return reply
        }
        defer { server.stop() }
        #expect(try await download(server) == Self.bytes)
    }

    @Test func aThrottledServerIsWaitedFor() async throws {
        let server = try FaultServer { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            reply.rest = 0.05
            return reply
        }
        defer { server.stop() }
        #expect(try await download(server) == Self.bytes)
    }

    @Test func corruptBytesAreRefusedAndForgotten() async throws {
        var wrong = Self.bytes
        wrong[777_777] ^= 1
        let corrupt = wrong
        _ = try await refuse(
            "SHA-256",
            digest(corrupt),
            digest(Self.bytes),
            path: "/model.gguf#sha256=\(digest(Self.bytes))"
        ) { .file(corrupt, $0) }
        #expect(folder.files.allSatisfy { $0.hasSuffix(".lock") })
    }

    @Test func liesAboutRangesAreRefused() async throws {
        _ = try await refuse("asked for bytes", "it sends") { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            if !request.isProbe {
                reply.headers["Content-Range"] = "bytes 5-\(4 + reply.body.count)/1050000"
            }
            return reply
        }
        _ = try await refuse("without a Content-Range") { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            if !request.isProbe { reply.headers["Content-Range"] = nil }
            return reply
        }
        _ = try await refuse("changed") { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            if !request.isProbe, let range = request.range {
                let part = range.clamped(to: 0..<Self.bytes.count)
                reply.headers["Content-Range"] =
                    "bytes \(part.lowerBound)-\(part.upperBound - 1)/1050001"
            }
            return reply
        }
        _ = try await refuse("more bytes than it announced") { request in
            var reply = FaultServer.Reply.file(Self.bytes, request)
            if !request.isProbe { (reply.announced, reply.isEndless) = (nil, true) }
            return reply
        }
        _ = try await refuse("another range") { request in
            .init(206, [1], headers: ["Content-Range": "bytes 9-9/100"])
        }
        #expect(folder.files.allSatisfy { !$0.hasSuffix(".journal") })
    }

    @Test func aFileThatChangesOnTheWayIsRefused() async throws {
        _ = try await refuse("changed while it was downloaded") { request in
            .file(Self.bytes, request, tag: request.index < 4 ? "\"old\"" : "\"new\"")
        }
        // A server that knows `If-Range` sends the whole new file.
        let server = try await refuse("changed while it was downloaded") { request in
            request.index < 4 ? .file(Self.bytes, request) : .init(200, Self.bytes)
        }
        #expect(
            server.requests.filter { !$0.isProbe }.allSatisfy {
                $0.headers["if-range"] == "\"tag\""
            }
        )
    }

    @Test func whatIsNoFileIsRefused() async throws {
        _ = try await refuse("web page") { _ in
            .init(200, Array("<html>".utf8), headers: ["Content-Type": "text/html; charset=utf-8"])
        }
        _ = try await refuse("encoded as gzip") { _ in
            .init(200, [1, 2], headers: ["Content-Encoding": "gzip"])
        }
        _ = try await refuse("has 9999999999999 bytes") { _ in
            .init(206, [1], headers: ["Content-Range": "bytes 0-0/9999999999999"])
        }
    }

    @Test func aServerWithoutRangesIsReadFromTheStart() async throws {
        let server = try FaultServer { request in
            var reply = FaultServer.Reply(200, Self.bytes)
            if request.index == 1 { reply.sentByteCount = 500_000 }
            return reply
        }
        defer { server.stop() }
        #expect(try await download(server) == Self.bytes)
        #expect(server.requests.count == 3)
    }

    @Test func endlessAndUnendedBodiesAreRefused() async throws {
        let free = try FileManager.default.attributesOfFileSystem(forPath: folder.path)
        let room = try #require(free[.systemFreeSize] as? Int64)
        _ = try await refuse(
            "does not end",
            // All but about a megabyte is spared.
            change: { $0.limits.fileByteCount = min(1 << 20, room) }
        ) { _ in
            var reply = FaultServer.Reply(200, [])
            (reply.announced, reply.isEndless) = (nil, true)
            return reply
        }
        _ = try await refuse("#sha256") { _ in
            var reply = FaultServer.Reply(200, Self.bytes)
            reply.announced = nil
            return reply
        }
    }

    @Test func aFullDiskIsNoticedBeforehand() async throws {
        let server = try await refuse(
            "MB free",
            "--download-dir",
            change: { $0.limits.spareByteCount = 1 << 60 }
        ) { .file(Self.bytes, $0) }
        #expect(server.requests.count == 1)
    }
}
