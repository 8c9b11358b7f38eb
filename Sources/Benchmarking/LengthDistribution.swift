/// How long the prompts, or the outputs, of a workload are.
public enum LengthDistribution: Sendable, Equatable {
    /// All alike.
    case fixed(Int)
    /// Every length of the range as often as any other.
    case uniform(ClosedRange<Int>)
    /// Most short, few long.
    case logNormal(LogNormalLengths)

    /// No request is longer, whatever a flag says.
    public static let limit = 1 << 20

    /// Reads `200` (fixed), `100-300` (uniform) or `sharegpt` (log-normal, as `conversation`).
    ///
    /// nil for anything else, and for lengths outside 1...`limit`.
    public init?(_ text: String, conversation: LogNormalLengths) {
        if text == "sharegpt" {
            self = .logNormal(conversation)
            return
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = ends[0], let last = ends[ends.count - 1], ends.count <= 2,
            first >= 1, first <= last, last <= Self.limit
        else { return nil }
        self = ends.count == 1 ? .fixed(first) : .uniform(first...last)
    }

    /// The longest there can be.
    public var longest: Int {
        switch self {
        case .fixed(let length): length
        case .uniform(let range): range.upperBound
        case .logNormal(let lengths): lengths.range.upperBound
        }
    }

    /// Draws a length.
    public func draw(using generator: inout SeededGenerator) -> Int {
        switch self {
        case .fixed(let length): length
        case .uniform(let range): Int.random(in: range, using: &generator)
        case .logNormal(let lengths): lengths.draw(using: &generator)
        }
    }
}

extension LengthDistribution: CustomStringConvertible {
    public var description: String {
        switch self {
        case .fixed(let length): "\(length)"
        case .uniform(let range): "\(range.lowerBound)-\(range.upperBound)"
        case .logNormal(let lengths):
            "log-normal, median \(Int(lengths.median)), sigma \(lengths.sigma)"
        }
    }
}
