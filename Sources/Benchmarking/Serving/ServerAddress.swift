import Foundation

/// Where an OpenAI-compatible server answers: `http://host:port/path`, without a slash at its end.
public struct ServerAddress: Sendable, Equatable {
    public let host: String
    public let port: Int
    /// What stands before `/completions`, such as `/v1`.
    public let path: String

    /// Reads a base URL as OpenAI's clients take it; `/v1` is added where there is no path.
    /// - Throws: `LoadError` for anything but a plain HTTP URL. A load over TLS would measure the
    ///   client's encryption too; whoever terminates TLS can be asked behind it.
    public init(_ url: String) throws(LoadError) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            var host = parts.host, !host.isEmpty
        else {
            throw .badAddress(url, "it must look like http://127.0.0.1:8000/v1")
        }
        guard scheme == "http" else {
            throw .badAddress(url, "only http is spoken here; name the server behind its proxy")
        }
        // IPv6 addresses stand in brackets in a URL, and nowhere else.
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host
        port = parts.port ?? 80
        var path = parts.path
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path.isEmpty ? "/v1" : path
    }

    /// The `Host` header.
    var authority: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// Why a load cannot be put on a server at all.
public enum LoadError: Error, Equatable, CustomStringConvertible {
    case badAddress(String, String)
    case noModel(String)
    case probeFailed(String)

    public var description: String {
        switch self {
        case .badAddress(let url, let problem): "`\(url)` is no base URL for a load: \(problem)."
        case .noModel(let detail):
            "The server names no model (\(detail)). Name one with --model."
        case .probeFailed(let detail): "The server does not answer a first request: \(detail)"
        }
    }
}
