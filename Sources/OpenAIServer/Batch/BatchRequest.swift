import Grammars

/// One line of a batch file: a request for one of the server's endpoints.
struct BatchRequest: Sendable, Equatable {
    /// What the client calls it.
    var customID: String
    /// Such as `/v1/chat/completions`.
    var path: String
    var body: [UInt8]

    /// Why a line is not one. `customID` is what could be read of it.
    struct Invalid: Error, Equatable {
        var customID: String?
        var message: String
    }

    /// Endpoints are beneath this.
    private static let prefix = "/v1/"
    /// How deep a line may nest: the line itself, and what the routes allow.
    private static let depthLimit = 256

    /// Reads a line of the form of OpenAI's batch API.
    init(_ line: [UInt8]) throws(Invalid) {
        var limits = GrammarLimits()
        limits.sourceByteCount = .max
        limits.depth = Self.depthLimit
        let value: JSONValue
        do {
            value = try JSONValue(parsing: line, limits: limits)
        } catch {
            throw Invalid(message: "The line is not JSON. \(error)")
        }
        guard case .object = value else { throw Invalid(message: "The line is not a JSON object.") }
        guard case .string(let customID)? = value["custom_id"] else {
            throw Invalid(message: "custom_id is missing, or is not a string.")
        }
        func invalid(_ message: String) -> Invalid { Invalid(customID: customID, message: message) }
        guard case .string("POST")? = value["method"] else {
            throw invalid("method must be \"POST\".")
        }
        guard case .string(let path)? = value["url"] else {
            throw invalid("url is missing, or is not a string.")
        }
        guard path.hasPrefix(Self.prefix), !path.contains("?"), !path.contains("..") else {
            throw invalid(
                "URL \(path) was used. Supported are the server's endpoints under /v1, such as "
                    + "/v1/chat/completions and /v1/completions."
            )
        }
        guard let body = value["body"], case .object = body else {
            throw invalid("body is missing, or is not an object.")
        }
        guard body["stream"] ?? .null == .null || body["stream"] == .bool(false) else {
            throw invalid("Request must not be sent in stream mode")
        }
        self.customID = customID
        self.path = path
        self.body = Array(body.text.utf8)
    }
}
