import Scheduling

/// A random configuration and random requests for it, all from one seed; tiny limits, so that
/// everything that can run out does.
struct Workload {
    var limits: Limits
    var policy: SchedulingPolicy
    var cachesPrefixes: Bool
    var drafting: DraftPolicy?
    var model: FakeModel
    /// The batches in flight while the next is scheduled; `nil` for now none, now one.
    var depth: Int?
    /// One in so many steps aborts something.
    var abortPeriod: Int
    /// One in so many steps adds requests.
    var arrivalPeriod: Int
    private var sharedPrompts: [[TokenID]]
    /// Sequences that have ended, which later requests go on with.
    private var conversations: [[TokenID]] = []
    private var generator: SeededGenerator

    init(seed: UInt64) {
        var random = SeededGenerator(seed: mix(seed))
        let blockSize = [1, 2, 3, 4, 4, 8].randomElement(using: &random) ?? 4
        let modelLength = Int.random(in: 6...80, using: &random)
        let running = Int.random(in: 1...10, using: &random)
        let batched = running + Int.random(in: 0...40, using: &random)
        let longest = (modelLength + blockSize - 2) / blockSize
        let blockCount = max(1, longest * Int.random(in: 2...14, using: &random) / 4)
        limits = Limits(
            runningSequenceCount: running,
            batchedTokenCount: batched,
            chunkTokenCount: random.oneIn(3)
                ? batched : Int.random(in: 1...batched, using: &random),
            modelLength: modelLength,
            blockSize: blockSize,
            blockCount: blockCount,
            watermarkBlockCount: random.oneIn(2)
                ? 0 : Int.random(in: 0...blockCount, using: &random)
        )
        policy = random.oneIn(3) ? .priority : .fcfs
        cachesPrefixes = !random.oneIn(4)
        let drafts = random.oneIn(2)
        if drafts {
            let shortest = Int.random(in: 1...2, using: &random)
            let count = Int.random(in: 1...7, using: &random)
            let lengths = shortest...shortest + Int.random(in: 0...2, using: &random)
            drafting =
                random.oneIn(2)
                ? .model(draftTokenCount: count)
                : DraftPolicy(draftTokenCount: count, lookupLengths: lengths)
        }
        model = FakeModel(
            vocabularySize: UInt64.random(in: 2...30, using: &random),
            period: random.oneIn(2) ? nil : UInt64.random(in: 2...5, using: &random)
        )
        // A draft model guesses on one device only.
        limits.takesTurns = random.oneIn(3) && drafting?.usesModel != true
        depth = [0, 1, 1, nil].randomElement(using: &random) ?? nil
        abortPeriod = random.oneIn(3) ? 1 << 30 : Int.random(in: 2...30, using: &random)
        // Guesses take what is left over: there must be quiet times.
        arrivalPeriod = Int.random(in: drafts ? 4...30 : 1...6, using: &random)
        let vocabulary = model.vocabularySize
        sharedPrompts = (0..<3).map { _ in
            (0..<modelLength).map { _ in TokenID(UInt64.random(in: 0..<vocabulary, using: &random))
            }
        }
        generator = random
    }

    mutating func oneIn(_ n: Int) -> Bool { generator.oneIn(n) }
    mutating func number(in range: Range<Int>) -> Int { .random(in: range, using: &generator) }

    private mutating func token() -> TokenID {
        TokenID(UInt64.random(in: 0..<model.vocabularySize, using: &generator))
    }

    /// Takes note of a sequence that has ended.
    mutating func remember(_ tokens: [TokenID]) {
        conversations.append(tokens)
        if conversations.count > 4 { conversations.removeFirst() }
    }

    mutating func request() -> SequenceRequest {
        let length = number(in: 1..<limits.modelLength + (oneIn(20) ? 3 : 0))
        let known =
            conversations.isEmpty || oneIn(2)
            ? sharedPrompts[number(in: 0..<3)]
            : conversations[number(in: 0..<conversations.count)]
        let shared = known.prefix(oneIn(3) ? 0 : number(in: 0..<length))
        let prompt = shared + (shared.count..<length).map { _ in token() }
        let stopTokens = (0..<number(in: 0..<3)).map { _ in token() }
        return SequenceRequest(
            promptTokens: Array(prompt),
            sampling: SamplingParameters(
                temperature: oneIn(3) ? 0 : 1,
                seed: .random(in: .min ... .max, using: &generator)
            ),
            stopping: StopConditions(
                maxTokens: oneIn(10) ? Int.max : number(in: 1..<25),
                minTokens: number(in: 0..<6),
                stopTokens: Set(stopTokens)
            ),
            choiceCount: oneIn(4) ? number(in: 1..<limits.runningSequenceCount + 2) : 1,
            priority: number(in: -1..<2),
            cacheSalt: oneIn(3) ? ["", "a", "b"][number(in: 0..<3)] : nil,
            wantsPromptLogprobs: oneIn(10),
            allowsOverlap: !oneIn(6),
            allowsDrafts: !oneIn(6)
        )
    }
}
