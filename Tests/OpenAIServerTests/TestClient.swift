import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OpenAIServer
import Synchronization

/// Asks a server's routes without a socket.
struct TestClient: Sendable {
    private let responder: any HTTPResponder<ServerRequestContext>

    init(_ server: OpenAIServer) { responder = server.makeResponder() }

    func send(
        _ path: String,
        _ method: HTTPRequest.Method = .get,
        headers: HTTPFields = [:],
        body: String? = nil
    ) async throws -> Answer {
        var headers = headers
        if let body { headers[.contentLength] = "\(body.utf8.count)" }
        let request = Request(
            head: HTTPRequest(
                method: method,
                scheme: "http",
                authority: "localhost",
                path: path,
                headerFields: headers
            ),
            body: RequestBody(buffer: ByteBuffer(string: body ?? ""))
        )
        let context = ServerRequestContext(inProcess: .silent)
        let response = try await responder.respond(to: request, context: context)
        let collector = Collector()
        try await response.body.write(collector)
        let text = collector.buffer.withLock { String(buffer: $0) }
        return Answer(status: response.status.code, headers: response.headers, text: text)
    }
}

/// Keeps what a body writes.
private final class Collector: ResponseBodyWriter {
    let buffer = Mutex(ByteBuffer())

    func write(_ more: ByteBuffer) async throws {
        buffer.withLock { _ = $0.writeImmutableBuffer(more) }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
