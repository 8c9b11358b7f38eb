public import Kernels
public import Vulkan

/// A device with a library of kernels, data to run them on, and a clock.
public final class KernelWorkbench {
    public let device: Device
    public let library: KernelLibrary
    /// Bytes that repeated runs go through before they come back to the same: more than caches
    /// hold, those of today's CPU drivers' hosts and GPUs alike.
    public let coldByteCount: Int
    private let submitter: Submitter

    /// - Parameter coldByteCount: nil for 256 MiB.
    /// - Throws: `VulkanError`; `TimingError` for a device without timestamps.
    public init(_ library: KernelLibrary, coldByteCount: Int? = nil) throws {
        guard library.device.properties.timestampPeriod != nil else {
            throw TimingError.noTimestamps(library.device.properties.name)
        }
        self.library = library
        device = library.device
        self.coldByteCount = coldByteCount ?? 256 << 20
        submitter = try Submitter(library.device)
    }

    /// Seconds the device took for each of `count` runs of what `record` records, one after the
    /// other: every run waits for the one before, as a model's layers do.
    /// - Parameters:
    ///   - first: the first run's number, which `record` may choose its data by.
    func time(
        runs count: Int,
        from first: Int,
        _ record: (inout KernelRecorder, _ run: Int) throws(VulkanError) -> Void
    ) throws -> [Double] {
        var recorder = KernelRecorder(library)
        var dispatches: [Range<Int>] = []
        for run in first..<first + count {
            let before = recorder.recording.dispatchCount
            try record(&recorder, run)
            dispatches.append(before..<recorder.recording.dispatchCount)
        }
        let submission = try submitter.submit(recorder.recording, profile: true)
        try submitter.wait(submission)
        let timings = submitter.timings(of: submission)
        return dispatches.map { range in
            guard let begin = timings[range].first, let end = timings[range].last else { return 0 }
            let nanoseconds =
                end.startNanoseconds + end.durationNanoseconds - begin.startNanoseconds
            return nanoseconds * 1e-9
        }
    }

    /// The median of as many runs as fit into `budget` seconds, at least three, after one that
    /// compiles.
    func median(
        budget: Double,
        _ record: (inout KernelRecorder, _ run: Int) throws(VulkanError) -> Void
    ) throws -> (seconds: Double, runs: Int) {
        _ = try time(runs: 1, from: 0, record)
        let estimate = max(try time(runs: 1, from: 1, record)[0], 1e-7)
        let count = min(max(3, Int(budget / estimate)), 200)
        // A submission stays well under a second, as some systems' watchdogs demand.
        let batch = min(count, max(1, Int(0.3 / estimate)))
        var times: [Double] = []
        while times.count < count {
            times += try time(runs: batch, from: 2 + times.count, record)
        }
        return (times.sorted()[times.count / 2], times.count)
    }

    /// The median of the seconds the device took for a recording of its own commands.
    func commandSeconds(_ record: (inout Recording) -> Void) throws -> Double {
        var times: [Double] = []
        for _ in 0..<9 {
            var recording = Recording()
            record(&recording)
            let submission = try submitter.submit(recording)
            try submitter.wait(submission)
            times.append(submitter.span(of: submission)?.seconds ?? .infinity)
        }
        return times.sorted()[times.count / 2]
    }

    /// Runs a recording to its end.
    func run(_ recording: Recording) throws(VulkanError) { try submitter.run(recording) }
}

/// Why kernels cannot be timed here.
public enum TimingError: Error, CustomStringConvertible {
    case noTimestamps(String)

    public var description: String {
        switch self {
        case .noTimestamps(let device):
            "\(device) has no timestamps, without which kernels cannot be timed."
        }
    }
}
