import HTTPTypes
import Hummingbird

extension OpenAIServer.Configuration {
    /// The header in which a client says how many seconds its answer may take.
    static let deadlineField = "x-request-timeout"
    private static let longestDeadline = 86_400.0

    /// When a request is aborted: the client's own time or the server's, whichever is shorter.
    /// - Throws: `OpenAIError` if the client's is no number of seconds.
    func deadline(_ headers: HTTPFields) throws(OpenAIError) -> Duration? {
        guard let text = headers[named: Self.deadlineField] else { return requestDeadline }
        guard let seconds = Double(text), seconds > 0, seconds <= Self.longestDeadline else {
            throw OpenAIError.badRequest(
                Self.deadlineField,
                "The header \(Self.deadlineField) must be a number of seconds, more than 0 and at "
                    + "most \(Int(Self.longestDeadline))."
            )
        }
        let asked = Duration.seconds(seconds)
        return requestDeadline.map { min($0, asked) } ?? asked
    }
}
