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
            weights.embedShader,
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

extension WeightMatrix {
    fileprivate var embedShader: Shader {
        switch (layout, format) {
        case (.rows, .q4_1): .embed_q4_1
        case (.rows, .q8_0): .embed_q8_0
        case (.rows, .f16): .embed_f16
        case (.rows, .bf16): .embed_bf16
        case (.rows, .f32): .embed_f32
        case (.interleaved, .q4_1): .embed_interleaved_q4_1
        case (.interleaved, .q8_0): .embed_interleaved_q8_0
        case (.interleaved, .f16): .embed_interleaved_f16
        case (.interleaved, .bf16): .embed_interleaved_bf16
        case (.interleaved, .f32): .embed_interleaved_f32
        }
    }
}

extension WeightMatrix {
    /// The planes' addresses, as kernels take them.
    var planes: WeightPlanes {
        WeightPlanes(quants: quants.address, scales: scales?.address ?? 0)
    }
}
