import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Server-sent events as OpenAI frames them: `data: <json>`, a blank line, and `[DONE]` at the end.
struct EventWriter {
    private var writer: any ResponseBodyWriter

    private static let prefix = Array("data: ".utf8)
    private static let done = ByteBuffer(string: "data: [DONE]\n\n")
    private static let keepAlive = ByteBuffer(string: ": keep-alive\n\n")

    fileprivate init(_ writer: any ResponseBodyWriter) {
        self.writer = writer
    }

    /// Sends one value. Returns when the socket has room for more, so that a slow client holds back
    /// its own request only.
    mutating func send(_ value: some Encodable) async throws {
        try await send(value, after: "")
    }

    /// Sends one value under its name: `event: <type>`, then as above.
    mutating func send(named event: some NamedEvent) async throws {
        try await send(event, after: "event: \(event.type)\n")
    }

    private mutating func send(_ value: some Encodable, after head: String) async throws {
        let json = try JSON.encode(value)
        var buffer = ByteBuffer()
        buffer.reserveCapacity(head.utf8.count + Self.prefix.count + json.count + 2)
        buffer.writeString(head)
        buffer.writeBytes(Self.prefix)
        buffer.writeBytes(json)
        buffer.writeStaticString("\n\n")
        try await writer.write(buffer)
    }

    /// Sends a comment, which clients skip and proxies take for life.
    mutating func sendKeepAlive() async throws {
        try await writer.write(Self.keepAlive)
    }

    fileprivate mutating func finish() async throws {
        try await writer.write(Self.done)
        try await writer.finish(nil)
    }

    fileprivate mutating func finishUnmarked() async throws {
        try await writer.finish(nil)
    }
}

/// An event with a name, as Anthropic's API and OpenAI's newer one have them.
protocol NamedEvent: Encodable, Sendable {
    var type: String { get }
}

extension Response {
    /// A streamed answer. An `OpenAIError` that `write` throws becomes the last event: the status
    /// has been sent by then.
    static func events(
        _ write: @escaping @Sendable (inout EventWriter) async throws -> Void
    ) -> Response {
        let body = ResponseBody { writer in
            var events = EventWriter(writer)
            do {
                try await write(&events)
            } catch let error as OpenAIError {
                try await events.send(error)
            }
            try await events.finish()
        }
        return Response(status: .ok, headers: eventHeaders, body: body)
    }

    /// A streamed answer of named events, which has an end of its own instead of `[DONE]`, and its
    /// own way to tell of errors: `write` throws for nobody to read.
    static func namedEvents(
        _ write: @escaping @Sendable (inout EventWriter) async throws -> Void
    ) -> Response {
        let body = ResponseBody { writer in
            var events = EventWriter(writer)
            try await write(&events)
            try await events.finishUnmarked()
        }
        return Response(status: .ok, headers: eventHeaders, body: body)
    }

    private static var eventHeaders: HTTPFields {
        var headers: HTTPFields = [
            .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache",
        ]
        // nginx would collect events until they fill a buffer.
        headers[named: "X-Accel-Buffering"] = "no"
        return headers
    }
}
