import Benchmarking
import Testing

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8000/v1", "127.0.0.1", 8000, "/v1"),
        ("http://127.0.0.1:8000", "127.0.0.1", 8000, "/v1"),
        ("http://host/", "host", 80, "/v1"), ("HTTP://host/api/v2/", "host", 80, "/api/v2"),
        ("http://[::1]:9/v1", "::1", 9, "/v1"),
    ])
    func aBaseURLIsRead(url: String, host: String, port: Int, path: String) throws {
        let address = try ServerAddress(url)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.path == path)
    }

    @Test(arguments: ["", "127.0.0.1:8000", "https://host/v1", "ftp://host", "http://"])
    func anythingElseIsRefused(url: String) {
        #expect(throws: LoadError.self) { try ServerAddress(url) }
    }
}
