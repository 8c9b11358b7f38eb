import Foundation
import Synchronization

/// A web server on loopback whose answers go wrong in the ways that a test asks for. Each request
/// has a connection and a thread of its own.
final class FaultServer: Sendable {
    struct Request: Sendable {
        /// Path and query.
        let path: String
        let headers: [String: String]
        /// How many requests came before this one.
        let index: Int

        /// The bytes asked for by `Range: bytes=a-b`.
        var range: Range<Int>? {
            guard let value = headers["range"], value.hasPrefix("bytes=") else { return nil }
            let ends = value.dropFirst(6).split(separator: "-").compactMap { Int($0) }
            return ends.count == 2 ? ends[0]..<ends[1] + 1 : nil
        }

        /// Whether this is the question for the first byte that precedes a download.
        var isProbe: Bool { range == 0..<1 }
    }

    struct Reply: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// Bytes of the body after which the connection is cut.
        var sentByteCount: Int?
        /// The length that is announced; nil for none.
        var announced: Int?
        /// Whether the body goes on for ever.
        var isEndless = false
        /// Whether nothing follows the headers and the connection stays open.
        var hangs = false
        /// Seconds of rest after each 64 KiB.
        var rest = 0.0

        init(_ status: Int = 200, _ body: [UInt8] = [], headers: [String: String] = [:]) {
            (self.status, self.body, self.headers) = (status, body, headers)
            announced = body.count
        }
    }

    let port: UInt16
    private let listener: Int32
    private let script: @Sendable (Request) -> Reply
    private let seen = Mutex<[Request]>([])
    private let sent = Mutex(0)
    private let isStopped = Mutex(false)

    init(_ script: @escaping @Sendable (Request) -> Reply) throws {
        self.script = script
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread { [self] in acceptAll() }.start()
    }

    /// The requests so far.
    var requests: [Request] { seen.withLock { $0 } }

    /// Bytes of bodies so far.
    var sentByteCount: Int { sent.withLock { $0 } }

    /// The server under a name; `localhost` and `127.0.0.1` are two to whoever must not mix them.
    func address(_ path: String, host: String = "127.0.0.1") -> String {
        "http://\(host):\(port)\(path)"
    }

    func stop() {
        isStopped.withLock { $0 = true }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func acceptAll() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            Thread { [self] in
                serve(connection)
                close(connection)
            }.start()
        }
    }

    private func serve(_ connection: Int32) {
        guard let (path, headers) = readHead(connection) else { return }
        let request = seen.withLock { seen in
            seen.append(Request(path: path, headers: headers, index: seen.count))
            return seen[seen.count - 1]
        }
        let reply = script(request)
        var head = "HTTP/1.1 \(reply.status) Word\r\nConnection: close\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        if let announced = reply.announced { head += "Content-Length: \(announced)\r\n" }
        guard write(Array((head + "\r\n").utf8)[...], to: connection) else { return }
        while reply.hangs, !isStopped.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.05) }
        var rest = reply.body.prefix(reply.sentByteCount ?? reply.body.count)
        while !rest.isEmpty {
            let piece = rest.prefix(64 << 10)
            guard write(piece, to: connection) else { return }
            sent.withLock { $0 += piece.count }
            rest = rest.dropFirst(piece.count)
            if reply.rest > 0 { Thread.sleep(forTimeInterval: reply.rest) }
        }
        let padding = [UInt8](repeating: 7, count: 64 << 10)
        while reply.isEndless, write(padding[...], to: connection) {}
    }

    private func readHead(_ connection: Int32) -> (String, [String: String])? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard head.count < 65_536, recv(connection, &byte, 1, 0) == 1 else { return nil }
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline)
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            headers[line[..<colon].lowercased()] = value.trimmingCharacters(in: .whitespaces)
        }
        return (String(words[1]), headers)
    }

    private func write(_ bytes: ArraySlice<UInt8>, to connection: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

extension FaultServer.Reply {
    /// What a server that serves ranges answers.
    static func file(
        _ bytes: [UInt8],
        _ request: FaultServer.Request,
        tag: String? = "\"tag\""
    ) -> FaultServer.Reply {
        var headers = ["Accept-Ranges": "bytes"]
        headers["ETag"] = tag
        guard let range = request.range else { return .init(200, bytes, headers: headers) }
        guard range.lowerBound < bytes.count else {
            return .init(416, [], headers: ["Content-Range": "bytes */\(bytes.count)"])
        }
        let part = range.clamped(to: 0..<bytes.count)
        headers["Content-Range"] =
            "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(bytes.count)"
        return .init(206, Array(bytes[part]), headers: headers)
    }
}
