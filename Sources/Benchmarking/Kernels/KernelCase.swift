import Kernels
import Vulkan

/// A kernel with a shape of work, to be timed.
public struct KernelCase {
    /// What a run of the case needs, made once: records the work of run number `run`.
    typealias Run = (inout KernelRecorder, _ run: Int) throws(VulkanError) -> Void

    /// The operation's name, as the tests have it.
    public let kernel: String
    /// Of the weights or of the KV cache; empty where there is neither.
    public let format: String
    /// The shape, in words.
    public let shape: String
    /// Bytes that must be read or written at least, each once.
    public let byteCount: Int
    /// Multiplications and additions.
    public let flopCount: Int
    let prepare: (KernelWorkbench) throws -> Run

    /// What `--filter` is looked for in.
    public var name: String {
        [kernel, format, shape].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The shape tables that the kernel tests use, in every format.
    public static func all() -> [KernelCase] {
        matmuls() + attentions() + rows() + samples()
    }
}

/// What a case's time was.
public struct KernelMeasurement: Sendable, Encodable {
    public let kernel: String
    public let format: String
    public let shape: String
    public let runs: Int
    public let medianMicroseconds: Double
    public let gigabytesPerSecond: Double
    public let gflopsPerSecond: Double
    /// Of the device's copy bandwidth, and of its FMA peak; 1 is all of it.
    public let copyShare: Double
    public let fmaShare: Double

    private enum CodingKeys: String, CodingKey {
        case kernel, format, shape, runs, copyShare, fmaShare
        case medianMicroseconds = "median_us"
        case gigabytesPerSecond = "gb_per_s"
        case gflopsPerSecond = "gflop_per_s"
    }

    init(_ item: KernelCase, seconds: Double, runs: Int, _ ceilings: DeviceCeilings) {
        kernel = item.kernel
        format = item.format
        shape = item.shape
        self.runs = runs
        medianMicroseconds = seconds * 1e6
        let bytes = Double(item.byteCount) / seconds
        let flops = Double(item.flopCount) / seconds
        gigabytesPerSecond = bytes * 1e-9
        gflopsPerSecond = flops * 1e-9
        copyShare = bytes / ceilings.copyBytesPerSecond
        fmaShare = flops / ceilings.fmaFLOPSPerSecond
    }
}

extension KernelWorkbench {
    /// Times a case: the median of the runs that fit into `budget` seconds.
    public func measure(
        _ item: KernelCase,
        _ ceilings: DeviceCeilings,
        budget: Double = 0.3
    ) throws -> KernelMeasurement {
        let run = try item.prepare(self)
        let (seconds, runs) = try median(budget: budget, run)
        return KernelMeasurement(item, seconds: max(seconds, 1e-9), runs: runs, ceilings)
    }
}
