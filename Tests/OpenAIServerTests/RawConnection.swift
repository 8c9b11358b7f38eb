import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A client's socket with nothing between it and the test: what is written is what is sent, and it
/// is closed when the test says so.
struct RawConnection: Sendable {
    private let channel: any Channel
    private let received: AsyncStream<ByteBuffer>

    /// Hands what comes in to a stream.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    /// - Parameter authority: whose signature on the server's certificate is trusted; nil for no
    ///   TLS.
    init(port: Int, authority: String? = nil) async throws {
        let tls = try authority.map { authority in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .file(authority)
            return try NIOSSLContext(configuration: configuration)
        }
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        received = stream
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: "localhost")
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Sends a JSON request.
    func post(_ path: String, _ json: String) async throws {
        try await send(
            "POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(json.utf8.count)\r\n\r\n\(json)"
        )
    }

    /// Everything that comes until `end` has come, or the server closes.
    func receive(until end: String) async -> String {
        var text = ""
        for await buffer in received {
            text += String(buffer: buffer)
            if text.contains(end) { break }
        }
        return text
    }

    /// Expects that the server answers a GET on a connection of its own.
    static func expectAnswer(_ path: String, port: Int) async throws {
        let connection = try await RawConnection(port: port)
        try await connection.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        let answer = await connection.receive(until: "\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
        try await connection.close()
    }

    func close() async throws {
        try await channel.close()
    }
}
