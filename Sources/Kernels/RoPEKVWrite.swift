import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// Rotates queries in place; rotates keys and copies them and the values into the KV cache, in
    /// its format.
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
                && shape.rotatedSize <= shape.headSize
                && shape.headSize % shape.kvFormat.headSizeMultiple == 0
                && shape.blockSize % 4 == 0,
            "rope_kv_write: \(qkv.columns) columns for \(shape)"
        )
        let workgroupSize = max(64, library.subgroupSize)
        let (shader, elements): (Shader, Int) =
            switch shape.kvFormat {
            case .f16: (.rope_kv_write, 2)
            case .q8_0: (.rope_kv_write_q8_0, 32)
            }
        let pipeline = try library.pipeline(
            shader,
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
            groups: Workgroups(groups(qkv.columns / elements, of: workgroupSize), tokenCount),
            reads: [positions, slotMapping, rotations],
            writes: [qkv.leading(tokenCount), cache]
        )
    }
}
