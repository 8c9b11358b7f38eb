import HTTPTypes
import Hummingbird
import NIOCore
import Tokenization

extension Request {
    /// The body, a JSON object.
    /// - Throws: `OpenAIError`: 415 for another content type, 413 for a body over `limit` bytes,
    ///   400 for anything but an object.
    func fields(limit: Int) async throws -> Fields {
        // Parameters, such as `charset`, follow a semicolon.
        let type = headers[.contentType]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard type == "application/json" else {
            throw OpenAIError(
                .unsupportedMediaType,
                "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed"
            )
        }
        let declared = headers[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= limit else { throw OpenAIError.bodyTooLarge(limit: limit) }
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw OpenAIError.bodyTooLarge(limit: limit)
        }
        return try Fields(json: Array(buffer.readableBytesView))
    }
}

extension Fields {
    /// - Throws: `OpenAIError` (400) for anything but a JSON object.
    init(json: [UInt8]) throws(OpenAIError) {
        let value: JinjaValue
        do {
            value = try JinjaValue(json: json)
        } catch {
            throw .invalidJSON(error.message, position: error.offset)
        }
        guard case .object(let object) = value else {
            throw .validation("dict_type", [], "Input should be a valid dictionary", value)
        }
        self.init(object)
    }
}

extension OpenAIError {
    /// - Parameter position: the byte at which the text stops being JSON.
    static func invalidJSON(_ reason: String, position: Int) -> Self {
        Self(
            .badRequest,
            param: "body.\(position)",
            "1 validation error:\n  {'type': 'json_invalid', 'loc': ('body', \(position)), "
                + "'msg': 'JSON decode error', 'ctx': {'error': '\(reason)'}}"
        )
    }

    static func bodyTooLarge(limit: Int) -> Self {
        Self(.contentTooLarge, "The request body is larger than the limit of \(limit) bytes.")
    }
}
