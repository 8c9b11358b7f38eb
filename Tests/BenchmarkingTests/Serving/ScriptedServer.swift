import NIOCore
import NIOPosix
import Testing

/// A server of which every byte is written by the test: it waits for a request and then does what
/// the script says, sensible or not.
struct ScriptedServer: Sendable {
    /// What came in.
    struct Request: Sendable {
        let line: String
        let body: String
    }

    enum Step: Sendable {
        case bytes(String)
        case pause(Duration)
    }

    typealias Script = @Sendable (Request) -> [Step]

    /// Runs `body` while a server follows `script`; connections are closed after its last step.
    static func run<Value: Sendable>(
        _ script: @escaping Script,
        _ body: @escaping @Sendable (_ port: Int) async throws -> Value
    ) async throws -> Value {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        let port = try #require(server.channel.localAddress?.port)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.executeThenClose { connections in
                    await withDiscardingTaskGroup { group in
                        do {
                            for try await connection in connections {
                                group.addTask { try? await answer(connection, script) }
                            }
                        } catch {}
                    }
                }
            }
            defer { group.cancelAll() }
            return try await body(port)
        }
    }

    private static func answer(
        _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ script: Script
    ) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var text = ""
            for try await buffer in inbound {
                text += String(buffer: buffer)
                if let request = Request(text) {
                    for step in script(request) {
                        switch step {
                        case .bytes(let bytes): try await outbound.write(ByteBuffer(string: bytes))
                        case .pause(let time): try await Task.sleep(for: time)
                        }
                    }
                    return
                }
            }
        }
    }
}

extension ScriptedServer.Request {
    /// A whole request, or nil if more of it is to come.
    fileprivate init?(_ text: String) {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let head = text[..<end.lowerBound]
        let length = head.firstMatch(of: /(?i)content-length: (\d+)/).flatMap { Int($0.1) } ?? 0
        let body = String(text[end.upperBound...])
        guard body.utf8.count >= length else { return nil }
        line = String(head.split(separator: "\r\n").first ?? "")
        self.body = body
    }
}

extension ScriptedServer.Step {
    /// The head of an answer that is a stream and ends with the connection.
    static let streamHead = ScriptedServer.Step.bytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    )

    static func event(_ json: String) -> ScriptedServer.Step { .bytes("data: \(json)\n\n") }

    static func text(_ text: String) -> ScriptedServer.Step {
        event(#"{"choices":[{"index":0,"text":"\#(text)"}]}"#)
    }

    static func usage(prompt: Int, completion: Int) -> ScriptedServer.Step {
        event(
            #"{"choices":[],"usage":{"prompt_tokens":\#(prompt),"#
                + #""completion_tokens":\#(completion)}}"#
        )
    }

    static let done = event("[DONE]")

    /// A whole answer with a length.
    static func answer(_ status: String, _ body: String, headers: String = "") -> Self {
        .bytes(
            "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
        )
    }
}
