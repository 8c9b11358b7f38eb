/// Names one loading of an adapter. A name that is loaded again gets another, so nothing computed
/// with the one is taken for the other's.
public struct AdapterID: Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// An adapter that requests may ask for.
public struct LoadedAdapter: Sendable, Equatable {
    public let id: AdapterID
    /// What clients call it.
    public let name: String
    /// The file or folder it is from.
    public let path: String

    public init(id: AdapterID, name: String, path: String) {
        self.id = id
        self.name = name
        self.path = path
    }
}

/// Why adapters are not as they were asked to be. Nothing is changed then.
public enum AdapterChangeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing at the path is an adapter.
    case notFound(String)
    /// It cannot be used, for the reason given.
    case refused(String)
    /// As many are loaded as may be.
    case noRoom(limit: Int, names: [String])
    case nameTaken(String)
    case unknown(String)
    /// The engine was started without room for adapters.
    case notEnabled
    /// The engine is loading, draining or dead.
    case unavailable(EngineState)

    public var description: String {
        switch self {
        case .notFound(let reason), .refused(let reason): reason
        case .noRoom(let limit, let names):
            "There is room for \(limit) adapter\(limit == 1 ? "" : "s"), and loaded or still "
                + "running requests are: \(names.joined(separator: ", ")). Unload one, or start "
                + "the server with a higher --max-loras."
        case .nameTaken(let name):
            "The lora adapter '\(name)' has already been loaded. If you want to load the adapter "
                + "in place, set 'load_inplace' to True."
        case .unknown(let name): "The lora adapter '\(name)' cannot be found."
        case .notEnabled: "There is no room for adapters. Start the server with --enable-lora."
        case .unavailable(let state): "The engine takes no adapters: \(state)."
        }
    }
}

/// What there is to tell of adapters.
public struct AdapterStatistics: Sendable, Equatable {
    /// Adapters that may be loaded at once.
    public var limit: Int
    /// Names of those that running requests have, in alphabetical order.
    public var running: [String] = []
    /// The same of requests of which none runs yet.
    public var waiting: [String] = []

    public init(limit: Int, running: [String] = [], waiting: [String] = []) {
        self.limit = limit
        self.running = running
        self.waiting = waiting
    }
}

extension InferenceEngine {
    public var adapters: [LoadedAdapter] { [] }

    public func loadAdapter(
        name: String,
        path: String,
        replacing: Bool
    ) async throws(AdapterChangeError) -> LoadedAdapter {
        throw .notEnabled
    }

    public func unloadAdapter(name: String) async throws(AdapterChangeError) {
        throw .notEnabled
    }
}
