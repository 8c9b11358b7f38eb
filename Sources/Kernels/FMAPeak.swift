import ShaderParams
public import Vulkan

/// Chains of multiplications and additions that do not depend on each other.
public struct FMAChains: Sendable, Hashable {
    public let count: Int
    /// Steps of every chain in a round.
    public let steps: Int

    public init(count: Int, steps: Int) {
        self.count = count
        self.steps = steps
    }

    /// Floating-point operations for each result.
    public func flops(rounds: Int) -> Int { 2 * steps * count * rounds }
}

extension KernelRecorder {
    /// y[i] = the sum of chains of multiplications and additions: the ceiling of arithmetic.
    /// - Parameters:
    ///   - rounds: `chains.steps` steps of every chain each.
    ///   - y: float[], one for every invocation.
    public mutating func fmaPeak(
        _ chains: FMAChains,
        rounds: Int,
        factor: Float,
        addend: Float,
        into y: BufferSlice
    ) throws(VulkanError) {
        let count = y.byteCount / 4
        precondition(count > 0 && rounds >= 0, "fma_peak: \(count) results of \(rounds) rounds")
        let workgroupSize = library.rowWorkgroupSize
        let pipeline = try library.pipeline(
            .fma_peak,
            workgroupSize: workgroupSize,
            UInt32(chains.count),
            UInt32(chains.steps)
        )
        recording.dispatch(
            pipeline,
            FMAPeakParams(
                y: y.address,
                count: UInt32(count),
                rounds: UInt32(rounds),
                factor: factor,
                addend: addend
            ),
            groups: Workgroups(groups(count, of: workgroupSize)),
            reads: [],
            writes: [y]
        )
    }
}

extension KernelLibrary {
    /// Chains of which the fastest are the device's ceiling, whichever family is measured against
    /// it. CPU drivers order the steps of six chains and more chain by chain: some processors see
    /// far enough ahead to run short ones at once, for others five must hide the latency.
    public var fmaChains: [FMAChains] {
        device.properties.isCPU
            ? [FMAChains(count: 5, steps: 64), FMAChains(count: 12, steps: 16)]
            : [FMAChains(count: 16, steps: 64)]
    }
}
