import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The server's address cannot be bound.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    public let description: String

    /// `nil` if `error` is about something else.
    init?(_ error: any Error, configuration: OpenAIServer.Configuration) {
        let address = "\(configuration.host):\(configuration.port)"
        switch error {
        case let error as IOError where error.errnoCode == EADDRINUSE:
            description =
                "The address \(address) is in use. Stop the process that listens there, or choose "
                + "another port with --port."
        case let error as IOError where error.errnoCode == EACCES:
            description =
                "The address \(address) may not be bound by this user. Choose a port above 1023 "
                + "with --port."
        case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
            description =
                "No interface of this machine has the address \(configuration.host). With --host, "
                + "use 127.0.0.1 for this machine alone or 0.0.0.0 for all interfaces."
        case let error as SocketAddressError:
            description =
                "The address \(address) is not valid: \(error). Choose another with --host."
        default: return nil
        }
    }
}
