/// A request's name, given by the scheduler; ids grow in the order of arrival and are never reused.
public struct RequestID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public static func < (left: RequestID, right: RequestID) -> Bool {
        left.rawValue < right.rawValue
    }

    public var description: String { "request \(rawValue)" }
}

/// One of a request's continuations.
public struct SequenceID: Hashable, Sendable, CustomStringConvertible {
    public let request: RequestID
    /// From 0 to the request's `choiceCount` - 1.
    public let choice: Int

    public init(request: RequestID, choice: Int) {
        self.request = request
        self.choice = choice
    }

    public var description: String { "\(request) choice \(choice)" }
}
