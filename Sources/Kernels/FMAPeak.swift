import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[i] = the sum of chains of multiplications and additions: the ceiling of arithmetic.
    /// - Parameters:
    ///   - rounds: 16 steps of every chain each.
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
    /// Chains an invocation of `fmaPeak` runs: on CPU drivers a lane's chain is a vector register,
    /// of which there may be no more than 16.
    package var fmaPeakChains: Int {
        switch family {
        case .cpu: 12
        case .gpu: 16
        }
    }

    /// Floating-point operations of `fmaPeak` for each result.
    public func fmaPeakFLOPs(rounds: Int) -> Int { 2 * 16 * fmaPeakChains * rounds }
}
