import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[i] = the sum of chains of multiplications and additions: the ceiling of arithmetic.
    /// - Parameters:
    ///   - rounds: 64 steps of every chain each.
    ///   - y: float[], one for every invocation.
    public mutating func fmaPeak(
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
            UInt32(library.fmaPeakChains)
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
    /// Chains an invocation of `fmaPeak` runs, whichever family is measured against it. On CPU
    /// drivers five hide the latency; with six the compiler orders the steps chain by chain, which
    /// is a quarter as fast.
    package var fmaPeakChains: Int { device.properties.isCPU ? 5 : 16 }

    /// Floating-point operations of `fmaPeak` for each result.
    public func fmaPeakFLOPs(rounds: Int) -> Int { 2 * 64 * fmaPeakChains * rounds }
}
