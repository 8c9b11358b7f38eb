import Foundation
public import Logging
import Models
import Scheduling
import Synchronization
import Vulkan

/// The inference engine: a model on a device, batching continuously.
///
/// One dedicated thread owns the device, the model and the scheduler; they are made inside it and
/// never leave. Callers reach it through the mailbox, and it answers through each request's stream.
public final class Engine: InferenceEngine {
    public let properties: EngineProperties
    let mailbox: Mailbox
    let published: Published
    /// nil if there is no room for adapters.
    let adapterReader: AdapterReader?
    private let nextTicket = Atomic<Ticket>(0)
    private let ended: AsyncStream<Void>

    /// What the engine thread shows to others.
    final class Published: Sendable {
        let statistics: Mutex<EngineStatistics>
        let kernelTimes = Mutex<[String: KernelTime]>([:])
        let adapters = Mutex<[LoadedAdapter]>([])

        init(maxModelLength: Int) {
            statistics = Mutex(EngineStatistics(maxModelLength: maxModelLength))
        }
    }

    private init(
        properties: EngineProperties,
        mailbox: Mailbox,
        published: Published,
        adapterReader: AdapterReader?,
        ended: AsyncStream<Void>
    ) {
        self.properties = properties
        self.adapterReader = adapterReader
        self.mailbox = mailbox
        self.published = published
        self.ended = ended
    }

    /// Loads a model and starts serving it.
    /// - Parameter progress: called on the engine thread, again and again.
    /// - Throws: why the model cannot be served: `VulkanError`, `ModelError`, `GGUFError`, ...
    public static func start(
        _ options: EngineOptions,
        logger: Logger,
        progress: @escaping @Sendable (EngineStart) -> Void = { _ in }
    ) async throws -> Engine {
        let mailbox = Mailbox(
            limits: AdmissionLimits(
                waitingRequestCount: options.waitingRequestCount,
                waitingPromptTokenCount: options.waitingPromptTokenCount,
                runningSequenceCount: options.model.sequenceCount
            )
        )
        let (ended, endedSignal) = AsyncStream<Void>.makeStream()
        let (properties, published, reader) = try await withCheckedThrowingContinuation {
            (started: CheckedContinuation<Started, any Error>) in
            let thread = Thread {
                defer { endedSignal.finish() }
                do {
                    // Everything that is not Sendable is made here and stays here.
                    let backend = try EngineBackend(options) { note in
                        logger.info("\(note)")
                    } progress: {
                        progress(.loading($0))
                    }
                    let published = Published(maxModelLength: backend.properties.maxModelLength)
                    let loop = try EngineLoop(
                        backend,
                        options,
                        mailbox: mailbox,
                        published: published,
                        logger: logger
                    ) { progress(.warming($0)) }
                    mailbox.updateAdmission { $0.state = .ready }
                    started.resume(
                        returning: (backend.properties, published, backend.adapterReader)
                    )
                    loop.run()
                } catch {
                    started.resume(throwing: error)
                }
            }
            thread.name = "pumice-engine"
            thread.stackSize = 8 << 20
            thread.start()
        }
        return Engine(
            properties: properties,
            mailbox: mailbox,
            published: published,
            adapterReader: reader,
            ended: ended
        )
    }

    private typealias Started = (EngineProperties, Published, AdapterReader?)

    public var state: EngineState { mailbox.admission.state }

    public var statistics: EngineStatistics {
        var statistics = published.statistics.withLock { $0 }
        let admission = mailbox.admission
        statistics.waitingCount += admission.postedCount
        statistics.waitingTokenCount += admission.postedTokenCount
        statistics.rejectedQueueFullCount = admission.rejectedQueueFullCount
        statistics.rejectedTokenBacklogCount = admission.rejectedTokenBacklogCount
        return statistics
    }

    /// Device time by kernel since the start, if the engine profiles.
    public var kernelTimes: [String: KernelTime] { published.kernelTimes.withLock { $0 } }

    public func generate(
        _ request: GenerationRequest
    ) throws(AdmissionError) -> GenerationStream {
        try check(request)
        let ticket = nextTicket.wrappingAdd(1, ordering: .relaxed).oldValue
        // Room for all that can come: a slow reader loses nothing.
        let limit = request.choiceCount * (properties.maxModelLength + 1) + 2
        let (events, continuation) = AsyncStream<GenerationEvent>.makeStream(
            bufferingPolicy: .bufferingOldest(limit)
        )
        continuation.onTermination = { [mailbox] reason in
            if case .cancelled = reason { mailbox.post(.abort(ticket)) }
        }
        try mailbox.submit(
            Submitted(
                ticket: ticket,
                request: request,
                events: continuation,
                arrival: ContinuousClock.now
            )
        )
        return GenerationStream(
            events,
            end: { [mailbox] choice in mailbox.post(.endChoice(ticket, choice)) },
            allow: { [mailbox] tokens in mailbox.post(.allow(ticket, tokens)) }
        )
    }

    /// Refuses what could never run, with numbers.
    private func check(_ request: GenerationRequest) throws(AdmissionError) {
        let promptCount = request.promptTokens.count
        precondition(promptCount > 0, "a request without prompt tokens")
        guard promptCount < properties.maxModelLength else {
            throw .promptTooLong(
                tokenCount: promptCount,
                maxModelLength: properties.maxModelLength
            )
        }
        let length = min(
            promptCount + request.stopping.maxTokens,
            properties.maxModelLength
        )
        let blocks = (length - 1 + properties.blockSize - 1) / properties.blockSize
        guard blocks <= properties.blockCount else {
            throw .tooLargeForPool(blocksNeeded: blocks, blockCount: properties.blockCount)
        }
    }

    /// Takes no more requests, finishes what runs for at most `grace`, and ends the thread.
    public func shutDown(grace: Duration) async {
        mailbox.updateAdmission { $0.state = .draining }
        mailbox.post(.stop(finishing: true))
        let mailbox = mailbox
        let timer = Task {
            try await Task.sleep(for: grace)
            mailbox.post(.stop(finishing: false))
        }
        for await _ in ended {}
        timer.cancel()
    }
}

/// How far the start of an engine is.
public enum EngineStart: Sendable, Equatable {
    /// The share of the weights that is on the device, 0 to 1.
    case loading(Double)
    /// The share of the common step sizes that have been run, 0 to 1.
    case warming(Double)
}

/// How long a kernel has run.
public struct KernelTime: Sendable, Equatable {
    public var dispatchCount = 0
    public var nanoseconds = 0.0
}
