import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[i][r] = sum over k of weights[experts[i]][r][k] * x[i / pairsPerRow][k] for every pair i,
    /// plus a bias, and through an activation.
    ///
    /// With many tokens the pairs must have been grouped (`ExpertRouting.isGrouped`).
    /// - Parameters:
    ///   - weights: [experts][rows, columns], all below each other; with an activation, the gates
    ///     of all experts and then the ups of all.
    ///   - x: [tokenCount, columns], or a row for each pair.
    ///   - bias: float, one for each row of the weights.
    ///   - y: [pairs, rows].
    public mutating func matmulExperts(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        bias: BufferSlice? = nil,
        activation: MatmulEpilogue.Activation = .none,
        _ routing: ExpertRouting,
        pairsPerRow: Int,
        into y: ActivationMatrix,
        tokenCount: Int
    ) throws(VulkanError) {
        let pairCount = tokenCount * routing.chosenCount
        precondition(
            weights.rows == activation.parts * routing.expertCount * y.columns
                && y.columns % 32 == 0 && x.columns == weights.columns
                && pairCount <= y.rowCapacity && pairCount <= x.rowCapacity * pairsPerRow
                && tokenCount <= routing.tokenCapacity
                && (bias?.byteCount ?? .max) >= 4 * weights.rows
                && weights.layout == library.family.weightLayout,
            "matmul_experts: [\(weights.rows), \(weights.columns)] of \(routing.expertCount) "
                + "experts by [\(pairCount) / \(pairsPerRow), \(x.columns)] into \(y.columns)"
        )
        let isGrouped = routing.isGrouped(tokenCount: tokenCount)
        let shape = ExpertsShape(
            pairsPerExpert: isGrouped ? groups(pairCount, of: routing.expertCount) : 1,
            subgroupSize: library.subgroupSize
        )
        let switches: [UInt32] = [isGrouped ? 1 : 0, bias == nil ? 0 : 1, activation.rawValue]
        let pipeline: Pipeline
        let rowGroups: Int
        switch library.family {
        case .cpu:
            pipeline = try library.pipeline(
                .named("matmul_experts_cpu", weights.format),
                workgroupSize: WeightLayout.groupRows * shape.sides,
                constants: [UInt32(shape.tokens)] + switches
                    + [UInt32(shape.groups), UInt32(weights.columns)]
            )
            rowGroups =
                y.columns
                / (WeightLayout.groupRows * shape.sides * shape.groups / activation.parts)
        case .gpu:
            let workgroupSize = max(64, library.subgroupSize)
            pipeline = try library.pipeline(
                .named("matmul_experts_gpu", weights.format),
                workgroupSize: workgroupSize,
                constants: [UInt32(shape.tokens)] + switches
            )
            rowGroups = groups(y.columns, of: workgroupSize / library.subgroupSize)
        }
        let chosen =
            isGrouped
            ? [routing.counts, routing.lists] : [routing.leading(routing.experts, tokenCount)]
        recording.dispatch(
            pipeline,
            MatmulExpertsParams(
                weights: weights.planes,
                x: x.slice.address,
                bias: bias?.address ?? 0,
                y: y.slice.address,
                experts: routing.experts.address,
                counts: routing.counts.address,
                lists: routing.lists.address,
                rows: UInt32(y.columns),
                columns: UInt32(weights.columns),
                expertCount: UInt32(routing.expertCount),
                pairsPerRow: UInt32(pairsPerRow),
                listStride: UInt32(routing.tokenCapacity)
            ),
            groups: Workgroups(rowGroups, isGrouped ? routing.expertCount : pairCount),
            reads: weights.slices + [x.leading(groups(pairCount, of: pairsPerRow))] + chosen
                + (bias.map { [$0] } ?? []),
            writes: [y.leading(pairCount)]
        )
    }
}

/// How a product by experts is cut.
private struct ExpertsShape {
    /// Pairs an invocation computes at a time.
    let tokens: Int
    /// Groups of eight rows of weights, or pairs of them, an invocation of the CPU family computes.
    let groups: Int
    /// Groups that lie side by side in a subgroup of the CPU family.
    let sides: Int

    init(pairsPerExpert: Int, subgroupSize: Int) {
        tokens = [1, 2, 4].first { pairsPerExpert <= $0 } ?? 8
        sides = WeightLayout.sides(subgroupSize: subgroupSize)
        // Enough independent chains of additions at few pairs, no more sums than registers at many;
        // pairs are no more than a band.
        groups = tokens < 4 && sides == 1 ? 4 : 2
    }
}
