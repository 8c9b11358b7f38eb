import CVulkan
import Foundation

/// A recording on its way through the device.
public struct Submission: Sendable, Equatable {
    /// The timeline's value once the recording is done.
    let value: UInt64
}

/// How long one dispatch took on the device.
public struct DispatchTiming: Sendable {
    public let name: String
    /// From the start of the recording.
    public let startNanoseconds: Double
    public let durationNanoseconds: Double
}

/// When a submission ran, by the device's own clock.
public struct DeviceSpan: Sendable, Equatable {
    let begin: UInt64
    let end: UInt64
    /// Nanoseconds a tick takes.
    let period: Double

    /// How long it ran, in seconds.
    public var seconds: Double { Double(end &- begin) * period * 1e-9 }

    /// How long the device did nothing before it, in seconds, if `earlier` ran just before.
    public func idleSeconds(after earlier: DeviceSpan) -> Double {
        begin > earlier.end ? Double(begin - earlier.end) * period * 1e-9 : 0
    }
}

/// Encodes recordings into command buffers and runs them, in order, on one of the device's queues.
public final class Submitter {
    /// Recordings that may be on their way at once.
    static let depth = 3

    private let device: Device
    private let queue: Queue
    private let semaphore: VkSemaphore
    private var slots: [Slot] = []
    private var lastValue: UInt64 = 0
    /// Of the last recording that was launched.
    private var launchedValue: UInt64 = 0
    private let checksHazards: Bool

    /// A command buffer in turn, with what it keeps alive while the device works on it.
    private final class Slot {
        let pool: VkCommandPool
        let commandBuffer: VkCommandBuffer
        var value: UInt64 = 0
        var recording: Recording?
        var queries: VkQueryPool?
        /// Where the device puts the queries' results, eight bytes each.
        ///
        /// Why: asked for them by `vkGetQueryPoolResults`, lavapipe waits for all that was
        /// submitted, later recordings too.
        var times: Buffer?
        var queryCapacity = 0
        /// Whether the recording wrote a timestamp after every command, or only two.
        var isProfiled = false

        init(pool: VkCommandPool, commandBuffer: VkCommandBuffer) {
            self.pool = pool
            self.commandBuffer = commandBuffer
        }
    }

    /// - Parameter copiesOnly: whether it will run copies and fills only: on the queue for those,
    ///   where there is one.
    public init(_ device: Device, copiesOnly: Bool = false) throws(VulkanError) {
        self.device = device
        queue = copiesOnly ? device.transferQueue ?? device.queue : device.queue
        checksHazards = ProcessInfo.processInfo.environment["PUMICE_CHECK_HAZARDS"] == "1"
        semaphore = try Self.makeTimeline(device)
        for _ in 0..<Self.depth { slots.append(try Self.makeSlot(device, queue)) }
    }

    deinit {
        _ = device.api.DeviceWaitIdle(device.handle)
        for slot in slots {
            if let queries = slot.queries {
                device.api.DestroyQueryPool(device.handle, queries, nil)
            }
            device.api.DestroyCommandPool(device.handle, slot.pool, nil)
        }
        device.api.DestroySemaphore(device.handle, semaphore, nil)
    }

    /// Starts a recording; it runs after everything submitted before.
    ///
    /// Waits only if `depth` recordings are on their way already.
    /// - Parameters:
    ///   - profile: writes a timestamp around every dispatch, for `timings`.
    ///   - other: what was submitted on another queue and has to be done, and seen by this one,
    ///     first. Later submissions see it too.
    public func submit(
        _ recording: Recording,
        profile: Bool = false,
        after other: (submitter: Submitter, submission: Submission)? = nil
    ) throws(VulkanError) -> Submission {
        let submission = try prepare(recording, profile: profile)
        try launch(submission, after: other)
        return submission
    }

    /// Encodes a recording, for `launch` to start: what it waits for may be on another device.
    /// - Parameter profile: as in `submit`.
    public func prepare(
        _ recording: Recording,
        profile: Bool = false
    ) throws(VulkanError) -> Submission {
        if checksHazards, let hazard = recording.hazards().first {
            preconditionFailure("hazard in a recording: \(hazard)")
        }
        let slot = slots[Int(lastValue % UInt64(Self.depth))]
        precondition(slot.value <= launchedValue, "\(Self.depth) recordings wait to be launched")
        try wait(value: slot.value)
        let api = device.api
        try check(api.ResetCommandPool(device.handle, slot.pool, 0), "vkResetCommandPool")
        try prepareQueries(slot, count: recording.timestampCount(profile: profile))
        slot.isProfiled = profile && slot.queries != nil
        slot.recording = recording
        try device.encode(
            recording,
            into: slot.commandBuffer,
            queries: slot.queries,
            times: slot.times,
            profile: profile,
            on: queue
        )
        lastValue += 1
        slot.value = lastValue
        return Submission(value: lastValue)
    }

    /// Starts what was prepared, in the order it was: it runs after everything launched before.
    /// - Parameter other: as in `submit`.
    public func launch(
        _ submission: Submission,
        after other: (submitter: Submitter, submission: Submission)? = nil
    ) throws(VulkanError) {
        precondition(
            submission.value == launchedValue + 1 && submission.value <= lastValue,
            "recording \(submission.value) is launched after \(launchedValue)"
        )
        try enqueue(slots[Int((submission.value - 1) % UInt64(Self.depth))], after: other)
        launchedValue = submission.value
    }

    /// Whether a submission is done and its results are visible to the host.
    public func isDone(_ submission: Submission) throws(VulkanError) -> Bool {
        var value: UInt64 = 0
        try check(
            device.api.GetSemaphoreCounterValue(device.handle, semaphore, &value),
            "vkGetSemaphoreCounterValue"
        )
        return value >= submission.value
    }

    /// Waits until a submission is done and its results are visible to the host.
    /// - Parameter seconds: how long at most; by default a minute, on CPU drivers ten, since old
    ///   ones take minutes to compile the largest kernels, at their first dispatch.
    /// - Throws: `timedOut` after `seconds`, `deviceLost`.
    public func wait(_ submission: Submission, seconds: Int? = nil) throws(VulkanError) {
        try wait(value: submission.value, seconds: seconds)
    }

    /// Waits as `wait` does, and calls `body` every half a millisecond meanwhile, for work that
    /// other devices may bring.
    public func wait(
        _ submission: Submission,
        meanwhile body: () throws(VulkanError) -> Void
    ) throws(VulkanError) {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(patience)
        while try !isReached(submission.value, nanoseconds: 500_000) {
            guard clock.now < deadline else { throw .timedOut(seconds: patience) }
            try body()
        }
    }

    /// Submits and waits.
    public func run(_ recording: Recording) throws(VulkanError) {
        try wait(submit(recording))
    }

    /// Device times of a finished submission that was made with `profile`, one for each dispatch;
    /// empty where the device has no timestamps.
    public func timings(of submission: Submission) -> [DispatchTiming] {
        guard let period = device.properties.timestampPeriod,
            let slot = slots.first(where: { $0.value == submission.value }),
            slot.isProfiled, let times = slot.times, let recording = slot.recording
        else { return [] }
        let count = recording.timestampCount(profile: true)
        let ticks = times.whole.read(UInt64.self, count: count)
        return recording.commands.enumerated().compactMap { index, command in
            guard case .dispatch(let dispatch) = command else { return nil }
            return DispatchTiming(
                name: dispatch.pipeline.name,
                startNanoseconds: Double(ticks[index] &- ticks[0]) * period,
                durationNanoseconds: Double(ticks[index + 1] &- ticks[index]) * period
            )
        }
    }

    /// When a finished submission ran; nil where the device has no timestamps, or after `depth`
    /// later submissions.
    public func span(of submission: Submission) -> DeviceSpan? {
        guard let period = device.properties.timestampPeriod,
            let slot = slots.first(where: { $0.value == submission.value }),
            let times = slot.times, let recording = slot.recording
        else { return nil }
        let count = recording.timestampCount(profile: slot.isProfiled)
        let ticks = times.whole.read(UInt64.self, count: count)
        return DeviceSpan(begin: ticks[0], end: ticks[count - 1], period: period)
    }

    /// Seconds after which a device that is not done is taken for stuck.
    private var patience: Int { device.properties.isCPU ? 600 : 60 }

    private func wait(value: UInt64, seconds: Int? = nil) throws(VulkanError) {
        guard value > 0 else { return }
        let seconds = seconds ?? patience
        guard try isReached(value, nanoseconds: UInt64(seconds) * 1_000_000_000) else {
            throw .timedOut(seconds: seconds)
        }
    }

    /// Waits for the timeline's value, at most so long.
    private func isReached(_ value: UInt64, nanoseconds: UInt64) throws(VulkanError) -> Bool {
        var result = VK_SUCCESS
        withUnsafePointer(to: semaphore as VkSemaphore?) { semaphore in
            withUnsafePointer(to: value) { value in
                var info = VkSemaphoreWaitInfo()
                info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO
                info.semaphoreCount = 1
                info.pSemaphores = semaphore
                info.pValues = value
                result = device.api.WaitSemaphores(device.handle, &info, nanoseconds)
            }
        }
        if result == VK_TIMEOUT { return false }
        try check(result, "vkWaitSemaphores")
        return true
    }

    private func enqueue(
        _ slot: Slot,
        after other: (submitter: Submitter, submission: Submission)?
    ) throws(VulkanError) {
        try check(
            submit(
                waitCount: other == nil ? 0 : 1,
                waits: [other?.submitter.semaphore],
                waitValues: [other?.submission.value ?? 0],
                waitStages: [VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue],
                commandBuffers: [slot.commandBuffer],
                signals: [semaphore],
                signalValues: [slot.value]
            ),
            "vkQueueSubmit"
        )
    }

    /// One command buffer and one semaphore to signal; the arrays live as long as the call.
    private func submit(
        waitCount: Int,
        waits: UnsafePointer<VkSemaphore?>,
        waitValues: UnsafePointer<UInt64>,
        waitStages: UnsafePointer<VkPipelineStageFlags>,
        commandBuffers: UnsafePointer<VkCommandBuffer?>,
        signals: UnsafePointer<VkSemaphore?>,
        signalValues: UnsafePointer<UInt64>
    ) -> VkResult {
        var timeline = VkTimelineSemaphoreSubmitInfo()
        timeline.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO
        timeline.waitSemaphoreValueCount = UInt32(waitCount)
        timeline.pWaitSemaphoreValues = waitValues
        timeline.signalSemaphoreValueCount = 1
        timeline.pSignalSemaphoreValues = signalValues
        return withUnsafePointer(to: timeline) { timeline in
            var info = VkSubmitInfo()
            info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO
            info.pNext = UnsafeRawPointer(timeline)
            info.waitSemaphoreCount = UInt32(waitCount)
            info.pWaitSemaphores = waits
            info.pWaitDstStageMask = waitStages
            info.commandBufferCount = 1
            info.pCommandBuffers = commandBuffers
            info.signalSemaphoreCount = 1
            info.pSignalSemaphores = signals
            return device.api.QueueSubmit(queue.handle, 1, &info, nil)
        }
    }

    private func prepareQueries(_ slot: Slot, count: Int) throws(VulkanError) {
        guard device.properties.timestampPeriod != nil, !queue.isTransfer,
            slot.queryCapacity < count
        else { return }
        if let old = slot.queries { device.api.DestroyQueryPool(device.handle, old, nil) }
        var info = VkQueryPoolCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO
        info.queryType = VK_QUERY_TYPE_TIMESTAMP
        info.queryCount = UInt32(count)
        slot.queries = nil
        try check(
            device.api.CreateQueryPool(device.handle, &info, nil, &slot.queries),
            "vkCreateQueryPool"
        )
        slot.times = try Buffer(device, byteCount: 8 * count, use: .readback, label: "times")
        slot.queryCapacity = count
    }

    private static func makeTimeline(_ device: Device) throws(VulkanError) -> VkSemaphore {
        var type = VkSemaphoreTypeCreateInfo()
        type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO
        type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE
        var semaphore: VkSemaphore?
        let result = withUnsafePointer(to: type) { type in
            var info = VkSemaphoreCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
            info.pNext = UnsafeRawPointer(type)
            return device.api.CreateSemaphore(device.handle, &info, nil, &semaphore)
        }
        try check(result, "vkCreateSemaphore")
        guard let semaphore else { throw .callFailed(call: "vkCreateSemaphore", result: 0) }
        return semaphore
    }

    private static func makeSlot(_ device: Device, _ queue: Queue) throws(VulkanError) -> Slot {
        var poolInfo = VkCommandPoolCreateInfo()
        poolInfo.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO
        poolInfo.queueFamilyIndex = queue.family
        var pool: VkCommandPool?
        try check(
            device.api.CreateCommandPool(device.handle, &poolInfo, nil, &pool),
            "vkCreateCommandPool"
        )
        guard let pool else { throw .callFailed(call: "vkCreateCommandPool", result: 0) }
        var info = VkCommandBufferAllocateInfo()
        info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO
        info.commandPool = pool
        info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY
        info.commandBufferCount = 1
        var commandBuffer: VkCommandBuffer?
        try check(
            device.api.AllocateCommandBuffers(device.handle, &info, &commandBuffer),
            "vkAllocateCommandBuffers"
        )
        guard let commandBuffer else {
            throw .callFailed(call: "vkAllocateCommandBuffers", result: 0)
        }
        return Slot(pool: pool, commandBuffer: commandBuffer)
    }
}
