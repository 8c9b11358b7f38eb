import ShaderParams
package import Vulkan

extension KernelRecorder {
    /// sums[t][i] = sum over k of x[t][width * i + k], k in 0 ..< width, one after the other.
    /// - Parameters:
    ///   - width: neighbours that are summed, a multiple of 4.
    ///   - sums: float[tokenCount][columns / width].
    package mutating func sumInputs(
        _ x: ActivationMatrix,
        width: Int,
        into sums: BufferSlice,
        tokenCount: Int
    ) throws(VulkanError) {
        let count = x.columns / width
        precondition(
            width % 4 == 0 && x.columns % width == 0 && tokenCount <= x.rowCapacity
                && sums.byteCount >= 4 * count * tokenCount,
            "input_sums: \(width) of [\(tokenCount), \(x.columns)] into \(sums.byteCount) bytes"
        )
        recording.dispatch(
            try library.pipeline(
                .input_sums,
                workgroupSize: library.subgroupSize,
                UInt32(width),
                library.broadcastsLoads ? 0 : 1
            ),
            InputSumsParams(
                x: x.slice.address,
                sums: sums.address,
                columns: UInt32(x.columns),
                unused: 0
            ),
            groups: Workgroups(groups(count, of: library.subgroupSize), tokenCount),
            reads: [x.leading(tokenCount)],
            writes: [sums.slice(at: 0, byteCount: 4 * count * tokenCount)]
        )
    }
}
