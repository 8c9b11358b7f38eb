import Foundation
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore

/// The server's routes, answered in this process without a socket: what commands without a server
/// of their own use, so that a body means the same to them as over HTTP.
public struct LocalServer: Sendable {
    private let responder: any HTTPResponder<ServerRequestContext>
    private let logger: Logger

    /// - Parameter configuration: its limits and defaults count; address, keys and origins do not.
    public init(
        model: ServedModel,
        configuration: OpenAIServer.Configuration = OpenAIServer.Configuration(),
        logger: Logger
    ) {
        var configuration = configuration
        // Nobody else can call.
        configuration.apiKeys = []
        configuration.allowedOrigins = []
        let state = ServerState(
            model: model,
            core: ServerCore(configuration: configuration, startup: ModelStartup())
        )
        responder = state.makeRouter(logger: logger).buildResponder()
        self.logger = logger
    }

    /// Answers a POST as the server would. Cancelling the task that waits for the answer, or reads
    /// its body, aborts the generation.
    ///
    /// - Parameters:
    ///   - path: such as `/v1/chat/completions`.
    ///   - body: JSON.
    /// - Throws: `CancellationError`. Whatever is wrong with the request is an answer.
    public func post(_ path: String, _ body: [UInt8]) async throws -> LocalAnswer {
        let request = Request(
            head: HTTPRequest(
                method: .post,
                scheme: nil,
                authority: nil,
                path: path,
                headerFields: [.contentType: "application/json"]
            ),
            body: RequestBody(buffer: ByteBuffer(bytes: body))
        )
        let context = ServerRequestContext(inProcess: logger)
        return LocalAnswer(try await responder.respond(to: request, context: context))
    }
}

/// An answer of a `LocalServer`.
public struct LocalAnswer: Sendable {
    private let response: Response

    init(_ response: Response) { self.response = response }

    /// The HTTP status.
    public var status: Int { response.status.code }

    /// The id that the answer bears in `X-Request-Id`.
    public var requestID: String { response.headers[named: RequestID.fieldName] ?? "" }

    /// Seconds after which the same request may be taken, if it was turned away for now.
    public var retryAfter: Int? { response.headers[.retryAfter].flatMap { Int($0) } }

    /// Hands on the body as it comes: a stream's events one by one.
    /// - Throws: `CancellationError`, and what `receive` throws.
    public func forEachPiece(
        _ receive: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        try await response.body.write(PieceWriter(receive: receive))
    }

    /// The whole body.
    public func body() async throws -> [UInt8] {
        let (pieces, source) = AsyncStream.makeStream(of: [UInt8].self)
        try await forEachPiece { source.yield($0) }
        source.finish()
        return await pieces.reduce(into: []) { $0 += $1 }
    }
}

/// A body's reader in this process.
private struct PieceWriter: ResponseBodyWriter {
    let receive: @Sendable ([UInt8]) async throws -> Void

    func write(_ buffer: ByteBuffer) async throws {
        try await receive(Array(buffer.readableBytesView))
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
