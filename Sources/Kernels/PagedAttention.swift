import ShaderParams
public import Vulkan

extension KernelLibrary {
    /// How this library's attention kernels want a step's query rows.
    /// - Parameter partialRowCapacity: rows of partial results there will be room for.
    public func attentionTiling(
        _ shape: AttentionShape,
        partialRowCapacity: Int
    ) -> AttentionTiling {
        let group = shape.headCount / shape.kvHeadCount
        return switch family {
        // A token's group fills a tile. Three rows cost hardly more than one; eight rows' sums are
        // more than the registers hold. Where lanes do not share loads, keys and values are dearer
        // than registers, and a tile has as many tokens as make eight rows.
        case .cpu:
            AttentionTiling(
                group: group,
                kvHeadCount: shape.kvHeadCount,
                rows: broadcastsLoads && group < 8 ? 8 / group * group : min(max(group, 3), 8),
                spreadLength: 1024,
                partialRowCapacity: partialRowCapacity
            )
        case .gpu:
            AttentionTiling(
                group: group,
                kvHeadCount: shape.kvHeadCount,
                rows: 16,
                matrixRows: matmulDevice.attentionRows(
                    shape,
                    isBatchInvariant: isBatchInvariant
                ),
                spreadLength: 256,
                partialRowCapacity: partialRowCapacity
            )
        }
    }
}

/// What a step's attention kernels share in all layers, on the device.
public struct AttentionBatch {
    /// AttentionTile[], those of a plan.
    public var tiles: BufferSlice
    public var matrixCount: Int
    public var computedCount: Int
    public var reductionCount: Int
    public var tiling: AttentionTiling
    /// uint[], every sequence's table from its tiles' `blockTableStart` on.
    public var blockTables: BufferSlice
    /// uint[tokens].
    public var positions: BufferSlice
    /// Room for the tiling's rows of partial results.
    public var partials: BufferSlice

    public init(
        _ plan: AttentionPlan,
        _ tiling: AttentionTiling,
        tiles: BufferSlice,
        blockTables: BufferSlice,
        positions: BufferSlice,
        partials: BufferSlice
    ) {
        self.tiles = tiles
        matrixCount = plan.matrixCount
        computedCount = plan.computedCount
        reductionCount = plan.reductionCount
        self.tiling = tiling
        self.blockTables = blockTables
        self.positions = positions
        self.partials = partials
    }

    /// Bytes of a row of partial results.
    public static func partialByteCount(headSize: Int) -> Int { 4 * (headSize + 2) }
}

extension KernelRecorder {
    /// y[t][h] = softmax(scale * q[t][h] . K) V over the keys the token sees, found through its
    /// sequence's block table. One kernel serves prompt chunks and single tokens, unless the device
    /// has cooperative matrices for the chunks; where tiles of a long context are spread over
    /// workgroups, another one folds their results.
    /// - Parameters:
    ///   - qkv: [tokens, qkvColumns], queries first, rotated.
    ///   - batch: the tiles cover all query rows of the batch.
    ///   - cache: one layer's blocks.
    ///   - sinks: float[headCount], a score for each head that joins the softmax and has no value
    ///     (gpt-oss); nil: none.
    ///   - y: [tokens, headCount * headSize].
    public mutating func pagedAttention(
        _ qkv: ActivationMatrix,
        _ batch: AttentionBatch,
        cache: BufferSlice,
        shape: AttentionShape,
        scale: Float,
        sinks: BufferSlice? = nil,
        into y: ActivationMatrix,
        tokenCount: Int
    ) throws(VulkanError) {
        let tiling = batch.tiling
        precondition(
            y.columns == shape.headCount * shape.headSize && qkv.columns == shape.qkvColumns
                && shape.headCount % shape.kvHeadCount == 0 && shape.blockSize % 4 == 0
                && shape.headSize % shape.kvFormat.headSizeMultiple == 0
                && tokenCount <= y.rowCapacity
                && tiling.group * shape.kvHeadCount == shape.headCount
                && batch.partials.byteCount >= tiling.partialRowCapacity
                    * AttentionBatch.partialByteCount(headSize: shape.headSize),
            "paged_attention: \(qkv.columns) columns into \(y.columns) for \(shape), \(tiling)"
        )
        let (shader, workgroupSize): (Shader, Int) =
            switch (library.family, shape.kvFormat) {
            case (.cpu, .f16): (.paged_attention_cpu_f16, library.subgroupSize)
            case (.cpu, .q8_0): (.paged_attention_cpu_q8_0, library.subgroupSize)
            case (.gpu, .f16): (.paged_attention_gpu_f16, 128)
            case (.gpu, .q8_0): (.paged_attention_gpu_q8_0, 128)
            }
        var params = PagedAttentionParams(
            q: qkv.slice.address,
            cache: cache.address,
            blockTables: batch.blockTables.address,
            tiles: batch.tiles.address,
            positions: batch.positions.address,
            y: y.slice.address,
            partials: batch.partials.address,
            sinks: sinks?.address ?? 0,
            qStride: UInt32(qkv.columns),
            headCount: UInt32(shape.headCount),
            kvHeadCount: UInt32(shape.kvHeadCount),
            window: UInt32(clamping: min(shape.window ?? 0, Int(Int32.max))),
            scale: scale,
            softCap: shape.softCap ?? 0
        )
        let inputs = [batch.tiles, batch.positions] + (sinks.map { [$0] } ?? [])
        let isSpread = batch.reductionCount > 0
        let reads = [qkv.leading(tokenCount), batch.blockTables, cache] + inputs
        let tileSize = UInt64(MemoryLayout<AttentionTile>.stride)
        if batch.matrixCount > 0 {
            recording.dispatch(
                try matrixPipeline(shape, tiling, sinks),
                params,
                groups: Workgroups(batch.matrixCount, shape.kvHeadCount),
                reads: reads,
                writes: [y.leading(tokenCount)]
            )
            params.tiles += tileSize * UInt64(batch.matrixCount)
        }
        guard batch.computedCount > 0 else { return }
        recording.dispatch(
            try pipeline(
                shader,
                workgroupSize: workgroupSize,
                shape,
                tiling,
                sinks,
                further: library.family == .cpu ? [library.broadcastsLoads ? 0 : 1] : []
            ),
            params,
            groups: Workgroups(batch.computedCount, shape.kvHeadCount),
            reads: reads,
            writes: [y.leading(tokenCount)] + (isSpread ? [batch.partials] : [])
        )
        guard isSpread else { return }
        params.tiles += tileSize * UInt64(batch.computedCount)
        recording.dispatch(
            try pipeline(
                .paged_attention_reduce,
                workgroupSize: library.subgroupSize,
                shape,
                tiling,
                sinks
            ),
            params,
            groups: Workgroups(batch.reductionCount, tiling.splitRowCount),
            reads: [batch.partials] + inputs,
            writes: [y.leading(tokenCount)]
        )
    }

    private func matrixPipeline(
        _ shape: AttentionShape,
        _ tiling: AttentionTiling,
        _ sinks: BufferSlice?
    ) throws(VulkanError) -> Pipeline {
        guard let matrix = library.matmulDevice.matrix, let rows = tiling.matrixRows,
            let shader = Shader.ifCompiled("paged_attention_coopmat", shape.kvFormat)
        else { preconditionFailure("paged_attention: no cooperative matrices for \(tiling)") }
        var tiling = tiling
        tiling.rows = rows
        return try pipeline(
            shader,
            workgroupSize: MatmulDevice.attentionSubgroups * library.subgroupSize,
            shape,
            tiling,
            sinks,
            further: [matrix.m, matrix.n, matrix.k]
        )
    }

    private func pipeline(
        _ shader: Shader,
        workgroupSize: Int,
        _ shape: AttentionShape,
        _ tiling: AttentionTiling,
        _ sinks: BufferSlice?,
        further: [Int] = []
    ) throws(VulkanError) -> Pipeline {
        let features = [shape.window != nil, shape.softCap != nil, sinks != nil]
        return try library.pipeline(
            shader,
            workgroupSize: workgroupSize,
            constants: [
                UInt32(shape.headSize), UInt32(shape.blockSize), UInt32(tiling.rows),
            ] + features.map { $0 ? 1 : 0 } + further.map { UInt32($0) }
        )
    }
}
