import Foundation
import NIOSSL

/// The certificate that the server shows its clients, with the key to it; both are read again when
/// their files change.
public final class TLSCertificate: Sendable {
    private let files: ReloadedFiles<NIOSSLContext>

    /// - Parameters:
    ///   - certificate: a PEM file with the certificate first and then those that sign it.
    ///   - key: a PEM file with its private key, without a passphrase.
    /// - Throws: `FileError` for files that are not that, or not a pair.
    public init(certificate: String, key: String) throws {
        files = try ReloadedFiles([certificate, key]) { contents in
            try Self.context(contents, certificate, key)
        }
    }

    /// What a connection begins with.
    var context: NIOSSLContext { files.value }

    package func reload() throws -> Bool { try files.reload() }

    private static func context(
        _ contents: [Data],
        _ certificate: String,
        _ key: String
    ) throws(FileError) -> NIOSSLContext {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(Array(contents[0])), !chain.isEmpty
        else { throw FileError("\(certificate) holds no certificate in PEM form.") }
        // Without a passphrase of ours BoringSSL would ask for one on the terminal.
        guard
            let privateKey = try? NIOSSLPrivateKey(
                bytes: Array(contents[1]),
                format: .pem,
                passphraseCallback: { $0([UInt8]()) }
            )
        else {
            throw FileError(
                "\(key) holds no private key in PEM form, or one behind a passphrase."
            )
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(privateKey)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw FileError("The key in \(key) is not that of the certificate in \(certificate).")
        }
    }
}
