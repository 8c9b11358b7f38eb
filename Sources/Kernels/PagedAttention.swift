import ShaderParams
public import Vulkan

extension KernelLibrary {
    /// Query rows, (token, head of a KV head's group) pairs, that one attention tile holds.
    public var attentionTileRows: Int {
        switch family {
        case .cpu: subgroupSize
        case .gpu: 16
        }
    }
}

extension KernelRecorder {
    /// y[t][h] = softmax(scale * q[t][h] . K) V over the token's own context, found through its
    /// sequence's block table. One kernel serves prompt chunks and single tokens.
    /// - Parameters:
    ///   - qkv: [tokens, qkvColumns], queries first, rotated.
    ///   - tiles: AttentionTile[tileCount]; they cover all query rows of the batch.
    ///   - blockTables: uint[], every sequence's table from its tiles' `blockTableStart` on.
    ///   - positions: uint[tokens].
    ///   - cache: one layer's blocks.
    ///   - y: [tokens, headCount * headSize].
    public mutating func pagedAttention(
        _ qkv: ActivationMatrix,
        tiles: BufferSlice,
        tileCount: Int,
        blockTables: BufferSlice,
        positions: BufferSlice,
        cache: BufferSlice,
        shape: AttentionShape,
        scale: Float,
        into y: ActivationMatrix,
        tokenCount: Int
    ) throws(VulkanError) {
        precondition(
            y.columns == shape.headCount * shape.headSize && qkv.columns == shape.qkvColumns
                && shape.headCount % shape.kvHeadCount == 0 && shape.blockSize % 4 == 0
                && shape.headSize % shape.kvFormat.headSizeMultiple == 0
                && tokenCount <= y.rowCapacity,
            "paged_attention: \(qkv.columns) columns into \(y.columns) for \(shape)"
        )
        let (shader, workgroupSize): (Shader, Int) =
            switch (library.family, shape.kvFormat) {
            case (.cpu, .f16): (.paged_attention_cpu_f16, library.attentionTileRows)
            case (.cpu, .q8_0): (.paged_attention_cpu_q8_0, library.attentionTileRows)
            case (.gpu, .f16): (.paged_attention_gpu_f16, 128)
            case (.gpu, .q8_0): (.paged_attention_gpu_q8_0, 128)
            }
        let pipeline = try library.pipeline(
            shader,
            workgroupSize: workgroupSize,
            UInt32(shape.headSize)
        )
        recording.dispatch(
            pipeline,
            PagedAttentionParams(
                q: qkv.slice.address,
                cache: cache.address,
                blockTables: blockTables.address,
                tiles: tiles.address,
                positions: positions.address,
                y: y.slice.address,
                qStride: UInt32(qkv.columns),
                headCount: UInt32(shape.headCount),
                kvHeadCount: UInt32(shape.kvHeadCount),
                blockSize: UInt32(shape.blockSize),
                scale: scale
            ),
            groups: Workgroups(tileCount, shape.kvHeadCount),
            reads: [qkv.leading(tokenCount), tiles, blockTables, positions, cache],
            writes: [y.leading(tokenCount)]
        )
    }
}
