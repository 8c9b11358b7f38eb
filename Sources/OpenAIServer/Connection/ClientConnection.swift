import NIOCore
import NIOHTTPTypes
import Synchronization

/// Whether the client of a connection is still there.
///
/// A client that closes its socket is noticed by the event loop at once, but a handler that waits
/// for the engine does not look at the socket; this is how it hears of it.
final class ClientConnection: Sendable {
    private enum State {
        case open(AsyncStream<Void>.Continuation?)
        case closed
    }

    private let state = Mutex(State.open(nil))

    /// Ends when the client has gone. HTTP/1.1 answers one request at a time, so one listener is
    /// enough; a later one replaces it.
    func closed() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let replaced = state.withLock { state -> AsyncStream<Void>.Continuation? in
            guard case .open(let previous) = state else { return continuation }
            state = .open(continuation)
            return previous
        }
        replaced?.finish()
        return stream
    }

    fileprivate func close() {
        let listener = state.withLock { state -> AsyncStream<Void>.Continuation? in
            guard case .open(let listener) = state else { return nil }
            state = .closed
            return listener
        }
        listener?.finish()
    }
}

/// Watches a connection's socket for the client's end of file.
///
/// Hummingbird's own way (`consumeWithInboundCloseHandler`) gives up the connection after the
/// response, so that every request would pay for a new one.
final class DisconnectHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    let connection = ClientConnection()

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A client that closes its sending side only could still read, but none that talks to this
        // API does, and a full close looks the same until something is written.
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { connection.close() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.close()
        context.fireChannelInactive()
    }
}

extension Optional<any Channel> {
    /// The watch over this channel's client; `nil` without a channel, or for one with no socket, as
    /// in tests.
    func clientConnection() async -> ClientConnection? {
        try? await self?.pipeline.handler(type: DisconnectHandler.self).map { $0.connection }.get()
    }
}
