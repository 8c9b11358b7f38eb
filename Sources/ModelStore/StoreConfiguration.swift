public import Foundation

/// Where models come from and where they are kept.
public struct StoreConfiguration: Sendable {
    /// The folder of downloads.
    public var folder: String
    /// A hub's branch, tag or commit.
    public var revision = "main"
    /// The hub.
    public var endpoint = "https://huggingface.co"
    /// What the hub knows this user by.
    public var token: String?
    /// Whether only what is here may be used.
    public var isOffline = false
    package var limits = StoreLimits()

    /// From the variables that Hugging Face's own tools read (`HF_ENDPOINT`, `HF_TOKEN`,
    /// `HF_TOKEN_PATH`, `HF_HOME`, `HF_HUB_OFFLINE`), `PUMICE_CACHE`, and `XDG_CACHE_HOME`.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let home = value("HOME") ?? NSHomeDirectory()
        let cache = value("XDG_CACHE_HOME") ?? home + "/.cache"
        folder = value("PUMICE_CACHE") ?? cache + "/pumice"
        if let endpoint = value("HF_ENDPOINT") { self.endpoint = endpoint }
        let hubHome = value("HF_HOME") ?? cache + "/huggingface"
        token =
            value("HF_TOKEN")
            ?? Self.contents(of: value("HF_TOKEN_PATH") ?? hubHome + "/token")
        isOffline = ["1", "true", "yes", "on"].contains(value("HF_HUB_OFFLINE")?.lowercased())
    }

    /// A token's file, without the newline at its end.
    private static func contents(of path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path), data.count < 4096 else {
            return nil
        }
        let text = String(decoding: data, as: UTF8.self)
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return token.isEmpty ? nil : token
    }

    /// The token, if it can stand in a header. Throws for one that would add lines to it.
    func checkedToken() throws(ModelStoreError) -> String? {
        guard let token else { return nil }
        guard token.utf8.count < 4096, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidReference(
                "HF_TOKEN",
                problem: "has characters that no token has; is it a file's name or two lines?"
            )
        }
        return token
    }
}
