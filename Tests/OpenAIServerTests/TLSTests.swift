import Foundation
import Inference
import OpenAIServer
import Scheduling
import Testing

@Suite struct TLSTests {
    private static func get(_ connection: RawConnection) async throws -> String {
        try await connection.send("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return await connection.receive(until: "]}")
    }

    @Test func aRotationIsSeenAndDropsNobody() async throws {
        let certificates = try TestCertificates()
        try certificates.make("old")
        try certificates.make("new")
        try certificates.swap(to: "old")
        var fixture = try Fixture(saying: "x")
        fixture.configuration.certificate = try TLSCertificate(
            certificate: certificates.path("current/certificate.pem"),
            key: certificates.path("current/key.pem")
        )
        try await fixture.serve { _, port in
            let old = certificates.path("old-ca.pem")
            let new = certificates.path("new-ca.pem")
            let first = try await RawConnection(port: port, authority: old)
            let before = try await Self.get(first)
            #expect(before.hasPrefix("HTTP/1.1 200"))
            // Nobody trusts another's certificate.
            let stranger = try await RawConnection(port: port, authority: new)
            let refused = (try? await Self.get(stranger)) ?? ""
            #expect(refused.isEmpty)

            try certificates.swap(to: "new")
            let deadline = ContinuousClock.now + .seconds(20)
            var answer = ""
            while answer.isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(100))
                let second = try await RawConnection(port: port, authority: new)
                answer = (try? await Self.get(second)) ?? ""
            }
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            let after = try await Self.get(first)
            #expect(after.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func aClientThatLeavesIsNoticed() async throws {
        let certificates = try TestCertificates()
        try certificates.make("a")
        var fixture = try Fixture { _ throws(AdmissionError) in [.prompt, .token(65), .hang] }
        fixture.configuration.certificate = try TLSCertificate(
            certificate: certificates.path("a-certificate.pem"),
            key: certificates.path("a-key.pem")
        )
        let engine = fixture.engine
        try await fixture.serve { _, port in
            let client = try await RawConnection(port: port, authority: certificates.path("a-ca.pem"))
            try await client.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
            _ = await client.receive(until: #""text":"A""#)
            try await client.close()
            #expect(await engine.waitForAbort())
        }
    }

    @Test func aClientWithoutTLSIsTurnedAway() async throws {
        let certificates = try TestCertificates()
        try certificates.make("a")
        var fixture = try Fixture(saying: "x")
        fixture.configuration.certificate = try TLSCertificate(
            certificate: certificates.path("a-certificate.pem"),
            key: certificates.path("a-key.pem")
        )
        try await fixture.serve { _, port in
            let plain = try await RawConnection(port: port)
            let answer = try await Self.get(plain)
            #expect(!answer.contains("HTTP/1.1 200"))
            let secure = try await RawConnection(port: port, authority: certificates.path("a-ca.pem"))
            let secured = try await Self.get(secure)
            #expect(secured.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func filesThatAreNoPairAreRefusedByName() throws {
        let certificates = try TestCertificates()
        try certificates.make("a")
        try certificates.make("b")
        try certificates.openssl([
            "ec", "-in", certificates.path("a-key.pem"), "-aes256", "-passout", "pass:secret",
            "-out", certificates.path("locked.pem"),
        ])
        try Data("no PEM".utf8).write(to: certificates.folder.appendingPathComponent("text"))
        func error(_ certificate: String, _ key: String) -> String? {
            #expect(throws: FileError.self) {
                try TLSCertificate(
                    certificate: certificates.path(certificate),
                    key: certificates.path(key)
                )
            }?.description.replacing(certificates.folder.path + "/", with: "")
        }
        let good = "a-certificate.pem"
        #expect(
            error("none", "a-key.pem")
                == "none cannot be read. See that it exists and who may read it."
        )
        #expect(error("text", "a-key.pem") == "text holds no certificate in PEM form.")
        for key in ["text", good, "locked.pem"] {
            #expect(
                error(good, key)
                    == "\(key) holds no private key in PEM form, or one behind a passphrase."
            )
        }
        #expect(
            error(good, "b-key.pem")
                == "The key in b-key.pem is not that of the certificate in a-certificate.pem."
        )
    }

    @Test func aWrongPairLeavesTheOldOneAndIsSaidOnce() throws {
        let certificates = try TestCertificates()
        try certificates.make("a")
        try certificates.make("b")
        try certificates.swap(to: "a")
        let certificate = try TLSCertificate(
            certificate: certificates.path("current/certificate.pem"),
            key: certificates.path("current/key.pem")
        )
        #expect(try !certificate.reload())
        try certificates.swap(to: "a")
        #expect(try !certificate.reload())
        let key = certificates.path("current/key.pem")
        try FileManager.default.removeItem(atPath: key)
        #expect(throws: FileError.self) { try certificate.reload() }
        #expect(try !certificate.reload())
        try FileManager.default.copyItem(atPath: certificates.path("b-key.pem"), toPath: key)
        #expect(throws: FileError.self) { try certificate.reload() }
        #expect(try !certificate.reload())
        try certificates.swap(to: "b")
        #expect(try certificate.reload())
    }
}
