import ShaderParams
public import Vulkan

/// The norms of each head's query and key, before they are rotated (Qwen 3, Gemma 3).
public struct HeadNorms {
    /// float[headSize], shared by all heads.
    public var query: BufferSlice
    /// The same for keys.
    public var key: BufferSlice
    public var epsilon: Float

    public init(query: BufferSlice, key: BufferSlice, epsilon: Float) {
        self.query = query
        self.key = key
        self.epsilon = epsilon
    }
}

extension KernelRecorder {
    /// Normalises and rotates queries in place; does the same to keys and copies them and the
    /// values into the KV cache, in its format.
    /// - Parameters:
    ///   - qkv: [tokenCount, qkvColumns].
    ///   - norms: of each head's query and key; nil: none.
    ///   - positions: uint[tokenCount].
    ///   - slotMapping: uint[tokenCount], block * blockSize + offset.
    ///   - rotations: float[position][rotatedSize / 2][2], cosine and sine.
    ///   - cache: one layer's blocks.
    public mutating func ropeKVWrite(
        _ qkv: ActivationMatrix,
        norms: HeadNorms? = nil,
        positions: BufferSlice,
        slotMapping: BufferSlice,
        rotations: BufferSlice,
        cache: BufferSlice,
        shape: AttentionShape,
        tokenCount: Int
    ) throws(VulkanError) {
        precondition(
            qkv.columns == shape.qkvColumns && tokenCount <= qkv.rowCapacity
                && shape.rotatedSize <= shape.headSize
                && shape.headSize % shape.kvFormat.headSizeMultiple == 0
                && shape.blockSize % 4 == 0,
            "rope_kv_write: \(qkv.columns) columns for \(shape)"
        )
        let workgroupSize = max(64, library.subgroupSize)
        let shader: Shader =
            switch shape.kvFormat {
            case .f16: .rope_kv_write_f16
            case .q8_0: .rope_kv_write_q8_0
            }
        let pipeline = try library.pipeline(
            shader,
            workgroupSize: workgroupSize,
            UInt32(shape.headSize),
            UInt32(shape.blockSize),
            shape.isNeoX ? 1 : 0,
            norms == nil ? 0 : 1
        )
        let heads = shape.headCount + 2 * shape.kvHeadCount
        recording.dispatch(
            pipeline,
            RoPEKVWriteParams(
                qkv: qkv.slice.address,
                positions: positions.address,
                slotMapping: slotMapping.address,
                rotations: rotations.address,
                cache: cache.address,
                queryNorm: norms?.query.address ?? 0,
                keyNorm: norms?.key.address ?? 0,
                qkvStride: UInt32(qkv.columns),
                headCount: UInt32(shape.headCount),
                kvHeadCount: UInt32(shape.kvHeadCount),
                rotatedSize: UInt32(shape.rotatedSize),
                epsilon: norms?.epsilon ?? 0
            ),
            groups: Workgroups(
                groups(heads, of: workgroupSize / library.subgroupSize),
                tokenCount
            ),
            reads: [positions, slotMapping, rotations] + (norms.map { [$0.query, $0.key] } ?? []),
            writes: [qkv.leading(tokenCount), cache]
        )
    }
}
