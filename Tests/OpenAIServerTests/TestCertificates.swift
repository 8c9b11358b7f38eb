import Foundation
import Testing

/// A folder with certificates made for one test.
final class TestCertificates: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("pumice-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// An authority, and a certificate for `localhost` signed by it: `NAME-ca.pem`,
    /// `NAME-certificate.pem`, `NAME-key.pem`.
    func make(_ name: String) throws {
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        let (authority, authorityKey) = (path("\(name)-ca.pem"), path("\(name)-ca-key.pem"))
        try openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=\(name) authority"] + curve
                + ["-keyout", authorityKey, "-out", authority]
        )
        try openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=localhost"] + curve
                + ["-addext", "subjectAltName=DNS:localhost", "-CA", authority, "-CAkey"]
                + [authorityKey, "-keyout", path("\(name)-key.pem")]
                + ["-out", path("\(name)-certificate.pem")]
        )
    }

    func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let errors = Pipe()
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, errors)
        try process.run()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(String(decoding: text, as: UTF8.self))")
    }

    /// Makes `current` a link to a folder with the pair of `name`, as Kubernetes swaps a secret.
    func swap(to name: String) throws {
        let files = FileManager.default
        let next = path("data-\(UUID().uuidString)")
        try files.createDirectory(atPath: next, withIntermediateDirectories: true)
        for part in ["certificate", "key"] {
            try files.copyItem(atPath: path("\(name)-\(part).pem"), toPath: "\(next)/\(part).pem")
        }
        let link = path("link-\(UUID().uuidString)")
        try files.createSymbolicLink(atPath: link, withDestinationPath: next)
        try #require(rename(link, path("current")) == 0)
    }
}
