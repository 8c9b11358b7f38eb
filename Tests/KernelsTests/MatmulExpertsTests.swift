import Kernels
import Testing
import Vulkan

/// Products with the matrices of the experts that tokens have chosen.
@TestDevice
@Suite(.needsDevice, .validated)
struct MatmulExpertsTests {
    /// One token, a few, and so many that pairs go by expert.
    private nonisolated static let tokenCounts = isSlowDriver ? [40] : [1, 3, 5, 40]

    @Test(arguments: tokenCounts, MatmulEpilogue.Activation.allCases)
    func everyPairIsMultipliedByItsExpert(
        _ tokenCount: Int,
        _ activation: MatmulEpilogue.Activation
    ) throws {
        for family in KernelFamily.tested {
            for pairsPerRow in [1, 2] {
                try check(
                    Variant(family: family, format: .f32),
                    Problem(.f32, activation, tokenCount: tokenCount, pairsPerRow: pairsPerRow)
                )
            }
        }
    }

    @Test(arguments: isSlowDriver ? WeightFormat.thorough : WeightFormat.allCases)
    func everyFormatIsMultiplied(_ format: WeightFormat) throws {
        for family in KernelFamily.tested {
            for tokenCount in [2, 40] {
                try check(
                    Variant(family: family, format: format),
                    Problem(format, .none, tokenCount: tokenCount, pairsPerRow: 2)
                )
            }
        }
    }

    private func check(_ variant: Variant, _ problem: Problem) throws {
        let context =
            "\(variant), \(problem.activation), \(problem.tokenCount) tokens, "
            + "\(problem.pairsPerRow) pairs a row"
        let bench = try Workbench.shared()
        let routing = try ExpertRouting(
            bench.device,
            expertCount: Problem.expertCount,
            chosenCount: 2,
            tokenCapacity: problem.tokenCount
        )
        let pairs = 2 * problem.tokenCount
        let y = try GuardedMatrix(bench, rows: pairs, columns: Problem.rows, label: "y")
        let logits = try bench.activations(
            problem.logits,
            columns: Problem.expertCount,
            "logits"
        )
        let x = try bench.activations(problem.x, columns: Problem.columns, "x")
        let weights = try problem.weights.upload(bench, for: variant.family)
        let bias = try bench.input(problem.bias, "bias")
        try bench.run(variant.family) {
            try $0.routeExperts(
                logits,
                into: routing,
                renormalises: true,
                tokenCount: problem.tokenCount
            )
            if routing.isGrouped(tokenCount: problem.tokenCount) {
                try $0.groupExperts(routing, tokenCount: problem.tokenCount)
            }
            try $0.matmulExperts(
                weights,
                x,
                bias: bias,
                activation: problem.activation,
                routing,
                pairsPerRow: problem.pairsPerRow,
                into: y.matrix,
                tokenCount: problem.tokenCount
            )
        }
        expectClose(
            y.values(rows: pairs, context),
            problem.expected,
            problem.activation == .none ? .sum : .elementwise,
            context
        )
    }
}

/// Experts, tokens that choose among them, and the products.
private struct Problem {
    static let expertCount = 9
    static let rows = 96
    static let columns = 256

    let weights: TestWeights
    let activation: MatmulEpilogue.Activation
    let tokenCount: Int
    let pairsPerRow: Int
    let logits: [Float]
    let x: [Float]
    let bias: [Float]
    let expected: [Double]

    init(
        _ format: WeightFormat,
        _ activation: MatmulEpilogue.Activation,
        tokenCount: Int,
        pairsPerRow: Int
    ) {
        var generator = SeededGenerator("\(format) \(activation) \(tokenCount) \(pairsPerRow)")
        let experts = Self.expertCount
        let allRows = activation.parts * experts * Self.rows
        self.activation = activation
        self.tokenCount = tokenCount
        self.pairsPerRow = pairsPerRow
        weights = TestWeights(format, rows: allRows, columns: Self.columns, &generator)
        logits = generator.floats(tokenCount * experts)
        x = generator.floats(2 * tokenCount / pairsPerRow * Self.columns, scale: 0.2)
        bias = generator.floats(allRows)
        let chosen = (0..<tokenCount).flatMap { [logits] token in
            routeExpertsReference(
                Array(logits[token * experts..<(token + 1) * experts]),
                chosenCount: 2,
                renormalises: true
            ).experts
        }
        expected = matmulExpertsReference(
            weights.decoded,
            expertCount: experts,
            rows: Self.rows,
            columns: Self.columns,
            x,
            experts: chosen,
            pairsPerRow: pairsPerRow,
            bias: bias,
            activation: activation
        )
    }
}
