import Foundation
import HTTPTypes
public import Hummingbird
package import Logging
public import NIOCore

/// What is known of a request beside itself.
public struct ServerRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The socket it came by; nil for one of this process's own.
    public let channel: (any Channel)?
    /// The id the client sent in `X-Request-Id`, else one of ours; in the answer, in the log, and
    /// in the ids of completions.
    public internal(set) var requestID = ""

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// A request that no socket brought.
    package init(inProcess logger: Logger) {
        coreContext = CoreRequestContextStorage(source: InProcess(logger: logger))
        channel = nil
    }

    private struct InProcess: RequestContextSource {
        let logger: Logger
    }
}

extension HTTPFields {
    /// A field that HTTPTypes has no name for.
    subscript(named name: String) -> String? {
        get { HTTPField.Name(name).flatMap { self[$0] } }
        set { if let name = HTTPField.Name(name) { self[name] = newValue } }
    }
}

enum RequestID {
    static let fieldName = "X-Request-Id"

    /// A client's id if it is fit to print, else a new one.
    static func accept(_ proposed: String?) -> String {
        guard let proposed, (1...128).contains(proposed.utf8.count),
            proposed.utf8.allSatisfy(isPlain)
        else { return make() }
        return proposed
    }

    /// 32 hexadecimal digits.
    static func make() -> String {
        UUID().uuidString.lowercased().filter { $0 != "-" }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
