import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// How every JSON body and every streamed chunk is written.
enum JSON {
    /// One encoder for all: making one costs more than encoding a chunk (5 µs). Sorted keys,
    /// because the order is otherwise that of a hash table, different in every run.
    private static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    /// - Throws: `EncodingError` for a number that JSON cannot write.
    static func encode(_ value: some Encodable) throws -> Data {
        try encoder.encode(value)
    }
}

extension Response {
    /// A complete JSON answer.
    init(status: HTTPResponse.Status = .ok, json value: some Encodable) throws {
        self.init(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSON.encode(value)))
        )
    }
}
