/// How a sequence's next tokens are guessed, to be checked by the model several at a time.
public struct DraftPolicy: Sendable, Equatable {
    /// Where guesses come from.
    public enum Source: Sendable, Equatable {
        /// From what followed the same tokens before. So many of them must have stood together;
        /// longer runs are looked for first.
        case lookup(lengths: ClosedRange<Int>)
        /// From a draft model, which runs on the device before each step and computes every token
        /// of it too. The host does not see its guesses before they are judged.
        case model
    }

    /// The most guesses a step checks for one sequence.
    public var draftTokenCount: Int
    public var source: Source

    public init(draftTokenCount: Int, lookupLengths: ClosedRange<Int> = 3...5) {
        precondition(
            draftTokenCount >= 1 && lookupLengths.lowerBound >= 1,
            "\(draftTokenCount) drafts after \(lookupLengths) tokens"
        )
        self.draftTokenCount = draftTokenCount
        source = .lookup(lengths: lookupLengths)
    }

    /// Guesses of a draft model.
    public static func model(draftTokenCount: Int) -> DraftPolicy {
        var policy = DraftPolicy(draftTokenCount: draftTokenCount)
        policy.source = .model
        return policy
    }

    /// Whether a draft model makes the guesses.
    public var usesModel: Bool { source == .model }
}

/// How many guesses of a draft model are worth checking in one step: as many as it was lately right
/// with. Each costs a run of the draft model, so one wrong guess makes one less; two more are tried
/// where all were right.
struct DraftCount: Sendable {
    private let most: Int
    private(set) var value: Int

    /// - Parameter most: the most guesses of a step; it begins with these.
    init(most: Int) {
        self.most = most
        value = most
    }

    /// How many guesses of a step's were right.
    mutating func learn(acceptedCount: Int, of count: Int) {
        value = acceptedCount == count ? min(value + 2, most) : max(value - 1, 1)
    }
}
