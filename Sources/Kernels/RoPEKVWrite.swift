import ShaderParams
public import Vulkan

/// The shape of attention in one layer.
public struct AttentionShape: Sendable, Equatable {
    public var headCount: Int
    public var kvHeadCount: Int
    public var headSize: Int
    /// Leading elements of a head that RoPE rotates.
    public var rotatedSize: Int
    /// Whether rotated pairs are halves apart (GPT-NeoX) or neighbours (GGUF's llama).
    public var isNeoX: Bool
    /// Tokens a KV block holds.
    public var blockSize: Int

    public init(
        headCount: Int,
        kvHeadCount: Int,
        headSize: Int,
        rotatedSize: Int,
        isNeoX: Bool,
        blockSize: Int
    ) {
        self.headCount = headCount
        self.kvHeadCount = kvHeadCount
        self.headSize = headSize
        self.rotatedSize = rotatedSize
        self.isNeoX = isNeoX
        self.blockSize = blockSize
    }

    /// Columns of a matrix of queries, keys and values side by side.
    public var qkvColumns: Int { (headCount + 2 * kvHeadCount) * headSize }

    /// Bytes one block takes in one layer's cache: half[kvHead][k, v][blockSize][headSize].
    public var blockByteCount: Int { kvHeadCount * 2 * blockSize * headSize * 2 }
}

extension KernelRecorder {
    /// Rotates queries in place; rotates keys and copies them and the values into the KV cache.
    /// - Parameters:
    ///   - qkv: [tokenCount, qkvColumns].
    ///   - positions: uint[tokenCount].
    ///   - slotMapping: uint[tokenCount], block * blockSize + offset.
    ///   - rotations: float[position][rotatedSize / 2][2], cosine and sine.
    ///   - cache: one layer's blocks.
    public mutating func ropeKVWrite(
        _ qkv: ActivationMatrix,
        positions: BufferSlice,
        slotMapping: BufferSlice,
        rotations: BufferSlice,
        cache: BufferSlice,
        shape: AttentionShape,
        tokenCount: Int
    ) throws(VulkanError) {
        precondition(
            qkv.columns == shape.qkvColumns && tokenCount <= qkv.rowCapacity
                && shape.rotatedSize <= shape.headSize && shape.headSize % 4 == 0,
            "rope_kv_write: \(qkv.columns) columns for \(shape)"
        )
        let workgroupSize = max(64, library.subgroupSize)
        let pipeline = try library.pipeline(
            .rope_kv_write,
            workgroupSize: workgroupSize,
            shape.isNeoX ? 1 : 0
        )
        recording.dispatch(
            pipeline,
            RoPEKVWriteParams(
                qkv: qkv.slice.address,
                positions: positions.address,
                slotMapping: slotMapping.address,
                rotations: rotations.address,
                cache: cache.address,
                tokenCount: UInt32(tokenCount),
                qkvStride: UInt32(qkv.columns),
                headCount: UInt32(shape.headCount),
                kvHeadCount: UInt32(shape.kvHeadCount),
                headSize: UInt32(shape.headSize),
                rotatedSize: UInt32(shape.rotatedSize),
                blockSize: UInt32(shape.blockSize)
            ),
            groups: Workgroups(groups(qkv.columns / 2, of: workgroupSize), tokenCount),
            reads: [positions, slotMapping, rotations],
            writes: [qkv.leading(tokenCount), cache]
        )
    }
}
