import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[t] = scale * weights[tokens[t]]
    /// - Parameters:
    ///   - weights: the embedding matrix [vocabulary, hidden].
    ///   - tokens: uint[tokenCount]; an id with the top bit set stands for `sampled[low bits]`.
    ///   - sampled: uint[], the previous step's samples.
    ///   - y: [tokenCount, hidden].
    public mutating func embed(
        _ weights: WeightMatrix,
        tokens: BufferSlice,
        sampled: BufferSlice,
        into y: ActivationMatrix,
        tokenCount: Int,
        scale: Float = 1
    ) throws(VulkanError) {
        precondition(y.columns == weights.columns && tokenCount <= y.rowCapacity, "embed: shapes")
        let workgroupSize = library.subgroupSize
        let pipeline = try library.pipeline(
            .named(weights.layout == .rows ? "embed" : "embed_interleaved", weights.format),
            workgroupSize: workgroupSize
        )
        recording.dispatch(
            pipeline,
            EmbedParams(
                weights: weights.planes,
                tokens: tokens.address,
                sampled: sampled.address,
                y: y.slice.address,
                columns: UInt32(weights.columns),
                rows: UInt32(weights.rows),
                scale: scale
            ),
            groups: Workgroups(
                groups(weights.columns / WeightFormat.blockSize, of: workgroupSize),
                tokenCount
            ),
            reads: weights.slices + [tokens, sampled],
            writes: [y.leading(tokenCount)]
        )
    }
}
