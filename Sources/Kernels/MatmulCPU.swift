import ShaderParams
import Vulkan

/// How the CPU family cuts a matrix product: the launch geometry, in one place.
struct CPUMatmulShape: Equatable {
    /// Tokens an invocation computes.
    let tokens: Int
    /// Groups of eight rows, or pairs of them, an invocation computes.
    let groups: Int
    /// Groups that lie side by side in a subgroup: pairs where it has lanes for them.
    let sides: Int
    /// Tokens whose sums are in registers at once: all, or few of many.
    let tile: Int
    /// Whether there are so many tokens that what is the same for many workgroups is left to
    /// kernels of its own: the sums of activations before, the norm of the results afterwards.
    let isApart: Bool

    /// Blocks of columns that a turn of the loop adds: two where a block is little work.
    func blockStep(_ format: WeightFormat, columns: Int) -> Int {
        let isLittle = tokens == 1 && format.lowBits < 8
        return isLittle && columns % (2 * WeightFormat.blockSize) == 0 ? 2 : 1
    }

    /// - Parameters:
    ///   - broadcasts: whether lanes show each other what they loaded, which needs registers.
    ///   - activates: whether groups of gate and of up rows take turns.
    ///   - format: the weights'. More tokens share what is work to unpack: levels, and where groups
    ///     are pairs halves, for a lane's word is then chosen from sixteen.
    ///   - subgroupSize: the driver's lanes.
    init(
        rows: Int,
        tokenCount: Int,
        broadcasts: Bool,
        activates: Bool,
        format: WeightFormat,
        subgroupSize: Int,
        coreCount: Int
    ) {
        sides = WeightLayout.sides(subgroupSize: subgroupSize)
        let eights = Kernels.groups(tokenCount, of: 8)
        let unpackingIsDear = format.hasLevels || sides > 1 && [.f16, .bf16].contains(format)
        let most = unpackingIsDear && !broadcasts && eights.isMultiple(of: 2) ? 16 : 8
        tokens = [1, 2, 4].first { tokenCount <= $0 } ?? most
        // Enough independent chains of additions, and no more sums at once than registers, of which
        // there are more where lanes are. Pairs of groups are no more than a band.
        var groups = ([4, 16].contains(tokens) && !broadcasts) || sides > 1 ? 2 : 4
        // Eight tokens' sums of pairs fit into registers beside weights of one plane.
        let fits = tokens < 8 || tokens == 8 && sides > 1 && format.highBits == 0
        tile = fits || broadcasts ? tokens : 2 * sides
        let fewest = activates ? 2 : 1
        let tiles = Kernels.groups(tokenCount, of: tokens)
        let lanes = WeightLayout.groupRows * sides
        // Small matrices on many cores: work for all of them first.
        while groups > fewest, tiles * rows / (lanes * groups) < 2 * coreCount { groups /= 2 }
        self.groups = max(groups, fewest)
        isApart = tokens >= 8
    }

    func workgroups(rows: Int, tokenCount: Int) -> Workgroups {
        Workgroups(
            Kernels.groups(rows, of: WeightLayout.groupRows * sides * groups),
            Kernels.groups(tokenCount, of: tokens)
        )
    }
}

extension KernelRecorder {
    /// The CPU family's product; shapes were checked.
    mutating func matmulCPU(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        into y: ActivationMatrix,
        column: Int,
        _ wholeEpilogue: MatmulEpilogue,
        tokenCount: Int
    ) throws(VulkanError) {
        var epilogue = wholeEpilogue
        let shape = CPUMatmulShape(
            rows: weights.rows,
            tokenCount: tokenCount,
            broadcasts: library.broadcastsLoads,
            activates: epilogue.activation != .none,
            format: weights.format,
            subgroupSize: library.subgroupSize,
            coreCount: library.hostCoreCount
        )
        if shape.isApart { epilogue.norm = nil }
        let sums =
            try weights.format.hasOffsets && shape.isApart
            ? inputSums(x, of: weights.format, tokenCount: tokenCount, tile: shape.tokens) : nil
        let pipeline = try library.pipeline(
            .named(
                library.broadcastsLoads ? "matmul_cpu_broadcast" : "matmul_cpu",
                weights.format
            ),
            workgroupSize: WeightLayout.groupRows * shape.sides,
            UInt32(shape.tokens),
            UInt32(shape.groups),
            UInt32(weights.columns),
            epilogue.bias == nil ? 0 : 1,
            epilogue.residual == nil ? 0 : 1,
            epilogue.activation.rawValue,
            epilogue.norm == nil ? 0 : 1,
            sums == nil ? 0 : 1,
            UInt32(shape.blockStep(weights.format, columns: weights.columns)),
            UInt32(shape.tile)
        )
        let workgroups = shape.workgroups(rows: weights.rows, tokenCount: tokenCount)
        let counters = try epilogue.norm == nil ? nil : library.counters(count: workgroups.y)
        recording.dispatch(
            pipeline,
            MatmulParams(
                weights,
                x,
                into: y,
                column: column,
                epilogue,
                xSums: sums,
                counters: counters,
                tokenCount: tokenCount
            ),
            groups: workgroups,
            reads: weights.slices + [x.leading(tokenCount)] + epilogue.reads(tokenCount)
                + (sums.map { [$0] } ?? []),
            writes: [y.leading(tokenCount)] + epilogue.writes(tokenCount)
                + (counters.map { [$0] } ?? [])
        )
        guard shape.isApart, let norm = wholeEpilogue.norm else { return }
        try rmsNorm(
            y,
            weight: norm.weight,
            into: norm.output,
            rowCount: tokenCount,
            epsilon: norm.epsilon
        )
    }
}

extension KernelRecorder {
    /// The sums of activations that a format's offsets are applied to; with room for whole tiles of
    /// tokens.
    private mutating func inputSums(
        _ x: ActivationMatrix,
        of format: WeightFormat,
        tokenCount: Int,
        tile: Int
    ) throws(VulkanError) -> BufferSlice {
        let rows = groups(tokenCount, of: tile) * tile
        let sums = try library.scratch(
            .inputSums,
            byteCount: 4 * rows * x.columns / format.scaledColumns
        )
        try sumInputs(x, width: format.scaledColumns, into: sums, tokenCount: tokenCount)
        return sums
    }
}

extension MatmulParams {
    init(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        into y: ActivationMatrix,
        column: Int,
        _ epilogue: MatmulEpilogue,
        xSums: BufferSlice? = nil,
        counters: BufferSlice?,
        tokenCount: Int
    ) {
        self.init(
            weights: weights.planes,
            x: x.slice.address,
            xSums: xSums?.address ?? 0,
            bias: epilogue.bias?.address ?? 0,
            residual: epilogue.residual.map { $0.slice.address + UInt64(4 * column) } ?? 0,
            y: y.slice.address + UInt64(4 * column),
            normWeight: epilogue.norm?.weight.address ?? 0,
            normed: epilogue.norm?.output.slice.address ?? 0,
            counters: counters?.address ?? 0,
            rows: UInt32(weights.rows),
            columns: UInt32(weights.columns),
            tokenCount: UInt32(tokenCount),
            xStride: UInt32(x.columns),
            yStride: UInt32(y.columns),
            splitBlocks: 0,
            epsilon: epilogue.norm?.epsilon ?? 0
        )
    }
}

extension MatmulEpilogue {
    func reads(_ tokenCount: Int) -> [BufferSlice] {
        [bias, residual?.leading(tokenCount), norm?.weight].compactMap { $0 }
    }

    func writes(_ tokenCount: Int) -> [BufferSlice] {
        [norm?.output.leading(tokenCount)].compactMap { $0 }
    }
}
