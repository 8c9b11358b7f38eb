import NIOCore
import NIOHTTP1
import NIOPosix

/// One request to a server on a connection of its own: HTTP/1.1, no TLS, no redirects.
///
/// The body is handed over as it arrives; the socket is not read faster than it is taken.
struct HTTPConnection: Sendable {
    let address: ServerAddress
    let apiKey: String?
    /// Until the connection stands.
    let connectTimeout: Duration

    /// An answer's first line and headers.
    struct Head: Sendable {
        let status: Int
        /// Seconds after which to try again, if the server says so.
        let retryAfter: Int?
    }

    /// Sends a request and calls `receive` with the head and with every piece of the body.
    /// - Throws: `connectionFailed`, `badResponse`, `closedEarly`; what `receive` throws.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        body: [UInt8] = [],
        _ receive: (Part) throws -> Void
    ) async throws {
        let channel = try await connect()
        try await channel.executeThenClose { inbound, outbound in
            try await write(method, path, body, to: outbound)
            var isComplete = false
            do {
                for try await part in inbound {
                    switch part {
                    case .head(let head): try receive(.head(Head(head)))
                    case .body(let buffer): try receive(.body(Array(buffer.readableBytesView)))
                    case .end: isComplete = true
                    }
                    if isComplete { break }
                }
            } catch HTTPParserError.invalidEOFState {
                throw ExchangeFailure.closedEarly("the connection ended in an answer")
            } catch let error as HTTPParserError {
                throw ExchangeFailure.badResponse("\(error)")
            } catch let error as IOError {
                throw ExchangeFailure.closedEarly("\(error)")
            }
            guard isComplete else { throw ExchangeFailure.closedEarly("the connection ended") }
        }
    }

    /// The whole body of a small answer.
    /// - Throws: `badResponse` for another status than 200 and for more than `limit` bytes;
    ///   `TimedOut`.
    func get(_ path: String, limit: Int, timeout: Duration) async throws -> [UInt8] {
        try await within(timeout) {
            var bytes: [UInt8] = []
            try await send(.GET, path) { part in
                switch part {
                case .head(let head) where head.status != 200:
                    throw ExchangeFailure.badResponse("HTTP \(head.status)")
                case .head: break
                case .body(let more):
                    guard bytes.count + more.count <= limit else {
                        throw ExchangeFailure.badResponse("over \(limit) bytes")
                    }
                    bytes += more
                }
            }
            return bytes
        }
    }

    /// What arrives, in order.
    enum Part: Sendable {
        case head(Head)
        case body([UInt8])
    }

    private typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    private func connect() async throws -> Channel {
        do {
            return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(TimeAmount(connectTimeout))
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .connect(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try Channel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw ExchangeFailure.connectionFailed("\(error)")
        }
    }

    private func write(
        _ method: HTTPMethod,
        _ path: String,
        _ body: [UInt8],
        to outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws {
        var headers: HTTPHeaders = [
            "Host": address.authority, "Accept": "*/*", "User-Agent": "pumice-bench",
            "Connection": "close",
        ]
        if let apiKey { headers.add(name: "Authorization", value: "Bearer \(apiKey)") }
        if !body.isEmpty {
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Content-Length", value: "\(body.count)")
        }
        let head = HTTPRequestHead(
            version: .http1_1,
            method: method,
            uri: address.path + path,
            headers: headers
        )
        do {
            try await outbound.write(.head(head))
            if !body.isEmpty {
                try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: body))))
            }
            try await outbound.write(.end(nil))
        } catch let error as IOError {
            throw ExchangeFailure.closedEarly("\(error)")
        } catch let error as ChannelError {
            throw ExchangeFailure.closedEarly("\(error)")
        }
    }
}

extension HTTPConnection.Head {
    fileprivate init(_ head: HTTPResponseHead) {
        status = Int(head.status.code)
        retryAfter = head.headers.first(name: "Retry-After").flatMap { Int($0) }
    }
}

/// Why an exchange came to no good end.
enum ExchangeFailure: Error, Equatable {
    case connectionFailed(String)
    case badResponse(String)
    case closedEarly(String)
}
