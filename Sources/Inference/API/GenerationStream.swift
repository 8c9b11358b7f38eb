public import Scheduling

/// The events of an admitted request, for one reader.
///
/// Dropping it, or cancelling the task that reads it, aborts the request.
public struct GenerationStream: AsyncSequence, Sendable {
    public typealias Element = GenerationEvent
    public typealias Failure = Never

    private let events: AsyncStream<GenerationEvent>
    private let end: @Sendable (Int) -> Void
    private let allow: @Sendable (AllowedTokens) -> Void

    /// - Parameters:
    ///   - end: tells the engine that the reader has enough of a choice.
    ///   - allow: tells the engine what a choice may go on with.
    public init(
        _ events: AsyncStream<GenerationEvent>,
        end: @escaping @Sendable (Int) -> Void,
        allow: @escaping @Sendable (AllowedTokens) -> Void = { _ in }
    ) {
        self.events = events
        self.end = end
        self.allow = allow
    }

    public func makeAsyncIterator() -> AsyncStream<GenerationEvent>.Iterator {
        events.makeAsyncIterator()
    }

    /// Ends one choice, because the reader found a stop string in its text: its blocks are free at
    /// the engine's next step, and no event of it follows. The request ends with its last choice.
    /// Nothing happens if the choice has ended already.
    public func endChoice(_ choice: Int) { end(choice) }

    /// Says which tokens a choice of a constrained request may go on with. It is not scheduled
    /// before. Never blocks.
    public func allow(_ tokens: AllowedTokens) { allow(tokens) }
}

/// What a constrained output goes on with: perhaps some tokens that are given, then one that is
/// drawn.
public struct AllowedTokens: Sendable, Equatable {
    public var choice: Int
    /// Tokens that come first because the constraint leaves no other way. They are delivered like
    /// drawn ones, but computed together. Only for requests without logprobs and without rules.
    public var forced: [TokenID]
    /// The drawn token's place among those that the choice generates, from 0.
    public var outputIndex: Int
    /// Token `t` is bit `t % 32` of word `t / 32`.
    public var words: [UInt32]

    public init(choice: Int, forced: [TokenID] = [], outputIndex: Int, words: [UInt32]) {
        self.choice = choice
        self.forced = forced
        self.outputIndex = outputIndex
        self.words = words
    }
}
