import Foundation

/// An http or https address.
package struct WebAddress: Sendable, Equatable {
    private let components: URLComponents
    let scheme: String
    let host: String

    /// Throws `.invalidReference` for what is no such address.
    package init(_ text: String) throws(ModelStoreError) {
        // Foundation would percent-encode what may not be in an address; curl would send it.
        guard text.utf8.count <= 16_384, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let components = URLComponents(string: text), let scheme = components.scheme,
            let host = components.host, !host.isEmpty
        else { throw .invalidReference(String(text.prefix(200)), problem: "is no web address") }
        try self.init(components, scheme.lowercased(), host)
    }

    private init(
        _ components: URLComponents,
        _ scheme: String,
        _ host: String
    ) throws(ModelStoreError) {
        guard scheme == "http" || scheme == "https" else {
            throw .invalidReference("\(scheme)://\(host)", problem: "is neither http nor https")
        }
        guard components.user == nil, components.password == nil else {
            throw .invalidReference(
                "\(scheme)://\(host)",
                problem: "has a user or a password in its address, which logs would show"
            )
        }
        (self.components, self.scheme, self.host) = (components, scheme, host.lowercased())
    }

    /// The address for a request, without its fragment.
    var text: String {
        var sent = components
        sent.fragment = nil
        return sent.string ?? ""
    }

    /// The address for people and logs: without the query, which may hold a signature.
    package var shown: String {
        var shown = components
        shown.fragment = nil
        shown.query = nil
        return shown.string ?? host
    }

    var fragment: String? { components.fragment }

    /// The last part of the path, decoded; empty if the path ends with `/`.
    var lastPathComponent: String {
        let encoded = components.percentEncodedPath.split(
            separator: "/",
            omittingEmptySubsequences: false
        ).last
        return encoded?.removingPercentEncoding ?? ""
    }

    private var port: Int { components.port ?? (scheme == "https" ? 443 : 80) }

    /// Whether both are the same server, which may see the same secrets.
    func hasOrigin(of other: WebAddress) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    /// Where a `Location` leads from here. Throws `.malformedAnswer`.
    package func following(_ location: String) throws(ModelStoreError) -> WebAddress {
        guard let base = URL(string: text), let url = URL(string: location, relativeTo: base) else {
            throw .malformedAnswer(address: shown, problem: "it redirects to what is no address")
        }
        let target: WebAddress
        do {
            target = try WebAddress(url.absoluteString)
        } catch {
            throw .malformedAnswer(address: shown, problem: "it redirects to what is no address")
        }
        guard scheme == "http" || target.scheme == "https" else {
            throw .malformedAnswer(
                address: shown,
                problem: "it redirects from https to http, where anybody could change the file"
            )
        }
        return target
    }

    /// The address of a path below this one, whose components are encoded here.
    func appending(_ parts: [String], query: String? = nil) throws(ModelStoreError) -> WebAddress {
        var allowed = CharacterSet.alphanumerics.intersection(
            CharacterSet(charactersIn: "\0"..."~")
        )
        allowed.insert(charactersIn: "-._~")
        let encoded = parts.map { $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }
        var path = text
        while path.hasSuffix("/") { path.removeLast() }
        return try WebAddress(
            path + "/" + encoded.joined(separator: "/") + (query.map { "?" + $0 } ?? "")
        )
    }
}
