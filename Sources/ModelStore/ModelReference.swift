import Foundation

/// What `--model` may say.
package enum ModelReference: Sendable, Equatable {
    /// A file or a folder on this machine.
    case path(String)
    /// `owner/name`, and after a colon the file or the quantisation that is wanted of it.
    case repository(RepositoryID, wanted: String?)
    /// A file on a web server, and its SHA-256 where the address has `#sha256=`.
    case address(WebAddress, sha256: String?)

    /// What is there as a path is a path, whatever else it could be.
    ///
    /// Throws `.invalidReference` with what would be right.
    package init(_ text: String) throws(ModelStoreError) {
        guard !text.isEmpty else {
            throw .invalidReference(
                text,
                problem: "is empty: give a path, owner/name or an address"
            )
        }
        if text.contains("://") {
            self = try Self.web(text)
        } else if FileManager.default.fileExists(atPath: text) {
            self = .path(text)
        } else {
            self = try Self.repository(text)
        }
    }

    private static func web(_ text: String) throws(ModelStoreError) -> ModelReference {
        if text.hasPrefix("hf://") { return try repository(String(text.dropFirst(5))) }
        if text.hasPrefix("file://") {
            guard let url = URL(string: text), !url.path.isEmpty else {
                throw .invalidReference(text, problem: "is no file address")
            }
            return .path(url.path)
        }
        let address = try WebAddress(text)
        guard let fragment = address.fragment, !fragment.isEmpty else {
            return .address(address, sha256: nil)
        }
        let digest = fragment.hasPrefix("sha256=") ? fragment.dropFirst(7).lowercased() : ""
        guard digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit) else {
            throw .invalidReference(
                address.shown,
                problem: "ends with #\(fragment.prefix(80)), which is not #sha256= and 64 digits"
            )
        }
        return .address(address, sha256: digest)
    }

    private static func repository(_ text: String) throws(ModelStoreError) -> ModelReference {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let looksLikePath = text.hasPrefix("/") || text.hasPrefix(".") || text.hasPrefix("~")
        guard !looksLikePath, let id = RepositoryID(parts[0]) else {
            throw .invalidReference(
                text,
                problem: "is no file here. A hub's repository is owner/name, or owner/name:file "
                    + "with a file or a quantisation such as Q4_K_M; other files have an address "
                    + "that begins with https://"
            )
        }
        guard parts.count == 2 else { return .repository(id, wanted: nil) }
        guard !parts[1].isEmpty else {
            throw .invalidReference(text, problem: "has nothing after its colon")
        }
        return .repository(id, wanted: String(parts[1]))
    }
}

/// A repository's name on a hub, whose parts are also names of folders here.
package struct RepositoryID: Sendable, Equatable, CustomStringConvertible {
    package let owner, name: String

    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ Self.isName(String($0)) }),
            !text.hasSuffix(".gguf"), !text.hasSuffix(".safetensors")
        else { return nil }
        (owner, name) = (String(parts[0]), String(parts[1]))
    }

    package var description: String { "\(owner)/\(name)" }

    private static func isName(_ text: String) -> Bool {
        (1...96).contains(text.utf8.count) && text.first != "." && text.first != "-"
            && !text.contains("..") && !text.contains("--")
            && text.utf8.allSatisfy { byte in
                let scalar = Unicode.Scalar(byte)
                return scalar.properties.isASCIIHexDigit || "-._".unicodeScalars.contains(scalar)
                    || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            }
    }
}
