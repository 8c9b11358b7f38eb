/// The events of an admitted request, for one reader.
///
/// Dropping it, or cancelling the task that reads it, aborts the request.
public struct GenerationStream: AsyncSequence, Sendable {
    public typealias Element = GenerationEvent
    public typealias Failure = Never

    private let events: AsyncStream<GenerationEvent>
    private let end: @Sendable (Int) -> Void

    /// - Parameter end: tells the engine that the reader has enough of a choice.
    public init(_ events: AsyncStream<GenerationEvent>, end: @escaping @Sendable (Int) -> Void) {
        self.events = events
        self.end = end
    }

    public func makeAsyncIterator() -> AsyncStream<GenerationEvent>.Iterator {
        events.makeAsyncIterator()
    }

    /// Ends one choice, because the reader found a stop string in its text: its blocks are free at
    /// the engine's next step, and no event of it follows. The request ends with its last choice.
    /// Nothing happens if the choice has ended already.
    public func endChoice(_ choice: Int) { end(choice) }
}
