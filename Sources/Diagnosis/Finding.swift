/// One thing that a diagnosis has to say.
public struct Finding: Sendable, Equatable, Encodable {
    /// How much it matters.
    public enum Severity: String, Sendable, Encodable {
        /// Nothing can be served, or not on the hardware that is there.
        case problem
        /// Something does not work that another thing makes up for, or that may not be meant to.
        case warning
    }

    public var severity: Severity
    /// A sentence.
    public var text: String
    /// What to do, a sentence each, the likeliest first.
    public var remedies: [String]

    public init(_ severity: Severity, _ text: String, _ remedies: [String]) {
        self.severity = severity
        self.text = text
        self.remedies = remedies
    }
}
