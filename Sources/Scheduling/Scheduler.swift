/// Who runs next. Pure values: no clock, no thread, no device.
///
/// **One law**: computed tokens catch up with tokens. There is no prefill phase and no decode
/// phase. A sequence whose tokens are not all computed gets some of them computed; when the last
/// one is, the step samples a token, and the sequence has one more to compute. A prompt in chunks,
/// the recomputation of a preempted sequence and the next single token are all this same move.
///
/// **A request's life**
/// 1. `add(_:)` refuses what could never run and puts the rest in `waiting`. No block is held.
/// 2. `schedule()` spends the step's token budget: first over `running`, in order, then on
///    admissions from the head of `waiting`, in chunks. Admission takes up cached blocks of the
///    same prefix; all other blocks are allocated as tokens come.
/// 3. Out of blocks, the last running sequence is preempted: its blocks are released, it goes back
///    to `waiting`, in front of what arrived after it, and starts again with all tokens it has.
/// 4. When the prompt of a request with several choices is computed, one row of logits is sampled
///    once per choice and the sequence forks: the choices share all blocks by reference count. Who
///    then writes to a shared, partly filled block gets a copy; the last owner writes in place.
/// 5. `complete(_:sampled:)` says which tokens were sampled: the sequence grows, or ends and
///    releases its blocks. Full blocks of known tokens go into the prefix cache.
/// 6. `abort(_:)` ends a request at any time, with the same release.
///
/// **Overlap.** One batch may be in flight when the next is scheduled. Its samples are *pending*:
/// counted, not known. A pending token can be scheduled; the batch then says which row of the batch
/// before holds its id. If that token turns out to end the sequence, the sample drawn after it is
/// discarded. As the device runs batches in order, scheduled is as good as computed: blocks
/// released while a batch in flight still uses them may be handed to the next one, and a block may
/// be hit as soon as the batch that fills it is scheduled.
///
/// **Constraints.** A constrained sequence is held after each token until `allow(_:outputCount:)`
/// says that the host knows what may come next. Nobody else waits for that. Constrained sequences
/// go together: none is scheduled while a token of another is being sampled, or they would fall
/// into groups that take turns, each in a step that costs the device nearly as much as one of all.
///
/// **Guesses.** With a `DraftPolicy`, a step computes guesses of a sequence's next tokens after its
/// last known one, in room that nobody else has a use for, and samples after each of them. What is
/// sampled decides how many were right; the rest never happened. Until then the sequence is not
/// scheduled again. Guesses of a draft model are made on the device, between this batch and the one
/// before, so the batch says only where they stand; the draft model computes all tokens of every
/// batch into blocks of the same ids, and a block is known to the prefix cache once both have.
///
/// **Turns.** On several devices a step's last layers run while the next step's first do, if these
/// need nothing of it. With `Limits.takesTurns` a step leaves out the sequences that the step
/// before sampled, and takes half of those that generate, so that two groups take turns. Where
/// nothing else can run, pending tokens are scheduled all the same.
///
/// **No starvation.** Every running sequence with a known next token advances in every step (of
/// turns, in every third at the latest), unless it is preempted or held, or waits for the step in
/// flight because it is constrained or a draft model guesses for it: the budget keeps back one
/// token for each sequence further down. The first running sequence can take the blocks of all
/// others, and `add` made sure that it needs no more than the pool. And nobody overtakes the head
/// of `waiting`.
public struct Scheduler: Sendable {
    public let limits: Limits
    public let policy: SchedulingPolicy
    public let cachesPrefixes: Bool
    /// How next tokens are guessed; `nil`: they are not.
    public let drafting: DraftPolicy?

    /// How many batches may be scheduled and not completed: one runs, one follows.
    public static let inFlightLimit = 2

    /// Every sequence in a place of its own; `vacancies` are the places of finished ones.
    var sequences: [TokenSequence] = []
    var vacancies: [Int] = []
    /// The places of each request's live sequences.
    var requests: [RequestID: [Int]] = [:]
    var waiting = SequenceQueue()
    var running = SequenceQueue()
    /// Places among `limits.runningSequenceCount` kept for choices that are yet to fork.
    var reservedSequenceCount = 0
    var blocks: BlockAllocator
    let hasher: BlockHasher
    /// The numbers of the batches in flight, oldest first.
    var inFlight: [UInt64] = []
    var nextBatchNumber: UInt64 = 0
    var nextRequest: UInt64 = 0
    var counters = Counters()

    /// - Parameters:
    ///   - cachesPrefixes: whether computed blocks are kept for requests with the same prefix.
    ///   - drafting: how next tokens are guessed; they are not if not given.
    ///   - hasher: names the content of blocks, under a random key if not given.
    /// - Throws: `LimitsError` if the limits leave no room for work.
    public init(
        limits: Limits,
        policy: SchedulingPolicy = .fcfs,
        cachesPrefixes: Bool = true,
        drafting: DraftPolicy? = nil,
        hasher: BlockHasher = BlockHasher()
    ) throws(LimitsError) {
        try limits.validate()
        self.limits = limits
        self.policy = policy
        self.cachesPrefixes = cachesPrefixes
        self.drafting = drafting
        self.hasher = hasher
        blocks = BlockAllocator(blockCount: limits.blockCount)
    }

    /// The next step's work; empty if nothing can run before the batch in flight is completed. A
    /// batch that is not empty must be run, after those scheduled before it, and completed.
    ///
    /// O(what is scheduled), apart from a glance at each running sequence.
    /// - Parameter now: seconds, by which the ages of blocks are told.
    public mutating func schedule(at now: Double = 0) -> ScheduledBatch {
        precondition(
            inFlight.count < Self.inFlightLimit,
            "batches \(inFlight) are in flight; complete one before scheduling the next"
        )
        blocks.residency.now = now
        var batch = ScheduledBatch(number: nextBatchNumber)
        scheduleRunning(into: &batch, turn: turn())
        if batch.preempted.isEmpty { admitWaiting(into: &batch) }
        if limits.takesTurns, batch.isEmpty {
            scheduleRunning(into: &batch, turn: turn(isLastResort: true))
        }
        forkChoices(in: &batch)
        if !batch.isEmpty {
            inFlight.append(batch.number)
            nextBatchNumber += 1
        }
        return batch
    }

    /// - Parameter turn: who may be scheduled; nil: everyone.
    private mutating func scheduleRunning(into batch: inout ScheduledBatch, turn: Turn?) {
        var turn = turn
        batch.reserveCapacity(running.count)
        let samplesConstrained = !inFlight.isEmpty && isSamplingConstrained
        let drafts = isDraftingInFlight
        var spare = spareForcedTokenCount
        var position = 0
        while position < running.count {
            let index = running[position].index
            let behind = running.count - position - 1
            let room = limits.batchedTokenCount - batch.tokens.count - behind
            var wanted = sequences[index].schedulableTokenCount
            if wanted > 1, sequences[index].hasForcedTokens {
                wanted = min(wanted, 1 + spare)
                spare -= wanted - 1
            }
            let count = min(wanted, limits.chunkTokenCount, room)
            position += 1
            guard count > 0, !(samplesConstrained && sequences[index].isConstrained),
                turn?.takes(sequences[index]) ?? true,
                !(drafts && sequences[index].mayBeDrafted), !awaitsGuesses(index),
                !scheduleWithDrafts(index, room: room, into: &batch)
            else { continue }
            guard makeRoom(for: count, of: index, in: &batch) else { return }
            schedule(count, of: index, into: &batch)
        }
    }

    /// Puts tokens whose blocks are there into the batch.
    mutating func schedule(_ count: Int, of index: Int, into batch: inout ScheduledBatch) {
        sequences[index].schedule(count, index: index, into: &batch)
        registerFullBlocks(of: index)
    }

    /// Lets the prefix cache know of the blocks whose tokens are all known and computed.
    mutating func registerFullBlocks(of index: Int) {
        guard cachesPrefixes else { return }
        let computed = sequences[index].computedTokenCount - sequences[index].draftModelLag
        let knownCount = min(computed, sequences[index].tokens.count)
        let registered = sequences[index].registeredBlockCount
        let full = knownCount / limits.blockSize
        guard full > registered else { return }
        sequences[index].hashBlocks(upTo: full, blockSize: limits.blockSize, with: hasher)
        for block in registered..<full {
            blocks.register(
                sequences[index].blockTable[block],
                as: sequences[index].blockHashes[block]
            )
        }
        sequences[index].registeredBlockCount = full
    }

    /// A sequence's place in the order.
    func key(of index: Int) -> SequenceQueue.Key {
        let id = sequences[index].id
        let priority = policy == .priority ? sequences[index].priority : 0
        return SequenceQueue.Key(priority: priority, request: id.request, choice: id.choice)
    }

    /// Gives a sequence a place.
    mutating func place(_ sequence: TokenSequence) -> Int {
        let index: Int
        if let vacancy = vacancies.popLast() {
            index = vacancy
            sequences[index] = sequence
        } else {
            index = sequences.count
            sequences.append(sequence)
        }
        requests[sequence.id.request, default: []].append(index)
        return index
    }
}
