public import HTTPTypes
public import Hummingbird
import NIOCore

/// An error that answers in OpenAI's shape: `{"error":{"message","type","param","code"}}`, where
/// `code` repeats the HTTP status, as vLLM has it.
public struct OpenAIError: Error, Sendable, Equatable {
    public var status: HTTPResponse.Status
    /// A sentence for the person who wrote the request.
    public var message: String
    /// The kind of error, such as `BadRequestError`.
    public var type: String
    /// The field at fault.
    public var param: String?
    /// Seconds after which the same request may succeed.
    public var retryAfter: Int?
    /// Header fields that belong to the status, such as `Allow`.
    public var headers: HTTPFields = [:]

    public init(
        _ status: HTTPResponse.Status,
        type: String? = nil,
        param: String? = nil,
        retryAfter: Int? = nil,
        _ message: String
    ) {
        self.status = status
        self.message = message
        self.type = type ?? status.reasonPhrase
        self.param = param
        self.retryAfter = retryAfter
    }

    /// A value the request may not have: 400.
    static func badRequest(_ param: String?, _ message: String) -> Self {
        Self(.badRequest, type: "BadRequestError", param: param, message)
    }

    /// A fault of the server's own: 500. The text is safe to show to clients.
    static func internalError(_ message: String) -> Self {
        Self(.internalServerError, type: "InternalServerError", message)
    }
}

extension OpenAIError: Encodable {
    private enum CodingKeys: String, CodingKey { case error }
    private enum DetailKeys: String, CodingKey { case message, type, param, code }

    public func encode(to encoder: any Encoder) throws {
        var body = encoder.container(keyedBy: CodingKeys.self)
        var detail = body.nestedContainer(keyedBy: DetailKeys.self, forKey: .error)
        try detail.encode(message, forKey: .message)
        try detail.encode(type, forKey: .type)
        try detail.encode(param, forKey: .param)
        try detail.encode(status.code, forKey: .code)
    }
}

extension OpenAIError: HTTPResponseError {
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        try response(saying: self)
    }

    /// The answer with another body, for clients of another API.
    func response(saying body: some Encodable) throws -> Response {
        var response = try Response(status: status, json: body)
        response.headers.append(contentsOf: headers)
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        return response
    }
}
