import Kernels
import Testing
import Vulkan

/// Every kernel by every way it cuts the work, not only the one the table would choose here: all of
/// them on one format of weights; on the others, and with epilogues, the two that do most at once.
@TestDevice
@Suite(.needsDevice, .validated)
struct MatmulPlanTests {
    nonisolated static let kernels = MatmulPlan.Kernel.allCases
    /// Around the edges of blocks, subgroups, tiles and depths.
    nonisolated static let core = [(1, 32, 1), (33, 64, 3), (71, 576, 17), (130, 160, 33)].map {
        MatmulCase(rows: $0.0, columns: $0.1, tokenCount: $0.2)
    }

    @Test(arguments: MatmulCase.awkward, kernels)
    func everyPlanAgreesWithTheReference(_ shape: MatmulCase, _ kernel: MatmulPlan.Kernel) throws {
        try expectProducts(shape, kernel, .q4_1)
    }

    /// Every way of storing weights with all of these shapes, and every format with one: that their
    /// bits are the right ones is proven with `embed`, which unpacks them by the same code.
    nonisolated static let formats: [(MatmulCase, WeightFormat)] = WeightFormat.allCases.flatMap {
        (thorough.contains($0) ? core : [core[2]]).map { [format = $0] in ($0, format) }
    }
    nonisolated static let thorough: Set<WeightFormat> =
        isCPUDriver ? [.q4_1, .q6_K, .f16] : [.q4_1, .q8_0, .q6_K, .f16, .bf16, .f32]

    @Test(arguments: formats)
    func everyPlanUnpacksEveryFormat(_ shape: MatmulCase, _ format: WeightFormat) throws {
        for kernel in isCPUDriver ? Self.few(of: format) : Self.kernels {
            try expectProducts(shape.fitting(format), kernel, format, planCount: 1)
        }
    }

    /// CPU drivers take seconds to compile each: there a format that differs from others in
    /// unpacking only has the kernel of decoding and one of the rest in turn.
    private static func few(of format: WeightFormat) -> [MatmulPlan.Kernel] {
        guard !thorough.contains(format) else { return kernels }
        let rest = kernels.filter { $0 != .vector }
        let index = WeightFormat.allCases.firstIndex(of: format) ?? 0
        return [.vector, rest[index % rest.count]]
    }

    /// Gates differ in a line of the shader: CPU drivers compile one of them with matrices.
    nonisolated static let activations = kernels.flatMap { kernel in
        MatmulEpilogue.Activation.allCases
            .filter {
                !isCPUDriver || kernel != .matrix && kernel != .workgroupMatrix
                    || [.none, .siluMul].contains($0)
            }
            .map { (kernel, $0) }
    }

    @Test(arguments: activations)
    func biasActivationAndResidualFollowTheSum(
        _ kernel: MatmulPlan.Kernel,
        _ activation: MatmulEpilogue.Activation
    ) throws {
        for shape in [(66, 96, 3), (160, 576, 19)] {
            let shape = MatmulCase(rows: shape.0, columns: shape.1, tokenCount: shape.2)
            try expectProducts(
                shape,
                kernel,
                .q8_0,
                activation: activation,
                isBare: false,
                planCount: isCPUDriver && ![.none, .siluMul].contains(activation) ? 1 : 2
            )
        }
    }

    /// The only rounding of integer dot products is that of activations to bytes: whole numbers
    /// that fill their blocks' range lose nothing.
    @Test(arguments: WeightFormat.allCases)
    func productsOfBytesAreExact(_ format: WeightFormat) throws {
        let bench = try Workbench.shared()
        let context = "whole numbers by \(format)"
        let (rows, columns, tokenCount) = (37, format.columnGranularity * 3, 5)
        var generator = SeededGenerator(context)
        var x = (0..<tokenCount * columns).map { _ in
            Float(Int.random(in: -127...127, using: &generator))
        }
        for block in 0..<x.count / 32 { x[32 * block + block % 32] = block % 2 == 0 ? 127 : -127 }
        for plan in try plans(.dot, format, parts: 1, planCount: 2) {
            try expectProduct(bench, plan, format, rows, columns, x, .sum, context, &generator)
        }
    }

    @Test func matricesBitsDoNotDependOnTheBatch() throws {
        let device = try Workbench.shared().device
        let library = KernelLibrary(
            device,
            family: .gpu,
            isBatchInvariant: true,
            matmulDevice: MatmulDevice(device.properties, emulatesMatrices: true)
        )
        try expectBatchInvariance(library, .q4_1, sizes: [1, 5, 16, 17])
    }

    /// The largest half is 65504: what lies beyond is taken for it, never for infinity.
    @Test func activationsBeyondTheRangeOfHalvesDoNotBecomeInfinite() throws {
        let bench = try Workbench.shared()
        var generator = SeededGenerator("outliers")
        let (rows, columns) = (16, 64)
        var x = [Float](repeating: 0, count: columns)
        (x[3], x[40]) = (1e9, -70_000)
        let clamped = x.map { min(max($0, -65_504), 65_504) }
        for plan in try plans(.matrix, .f16, parts: 1, planCount: 2) {
            let weights = TestWeights(.f16, rows: rows, columns: columns, &generator)
            let y = try GuardedMatrix(bench, rows: 1, columns: rows, label: "y")
            let matrix = try weights.upload(bench, for: .gpu)
            let input = try bench.activations(x, columns: columns, "x")
            try bench.run(bench.matrixLibrary) {
                try $0.matmul(matrix, input, into: y.matrix, tokenCount: 1, plan: plan)
            }
            let expected = matmulReference(weights.decoded, rows: rows, columns: columns, clamped)
            expectClose(y.values(rows: 1, "\(plan)"), expected, .halves, "\(plan)")
        }
    }

    private func expectProducts(
        _ shape: MatmulCase,
        _ kernel: MatmulPlan.Kernel,
        _ format: WeightFormat,
        activation: MatmulEpilogue.Activation = .none,
        isBare: Bool = true,
        planCount: Int = .max
    ) throws {
        let bench = try Workbench.shared()
        let context = "\(kernel) \(format) \(shape) \(activation)"
        var generator = SeededGenerator(context)
        let x = generator.floats(shape.tokenCount * shape.columns)
        for plan in try plans(kernel, format, parts: activation.parts, planCount: planCount) {
            try expectProduct(
                bench,
                plan,
                format,
                shape.rows,
                shape.columns,
                x,
                Tolerance(of: kernel, activation),
                context,
                &generator,
                activation: activation,
                isBare: isBare
            )
        }
    }

    private func expectProduct(
        _ bench: Workbench,
        _ plan: MatmulPlan,
        _ format: WeightFormat,
        _ rows: Int,
        _ columns: Int,
        _ x: [Float],
        _ tolerance: Tolerance,
        _ context: String,
        _ generator: inout SeededGenerator,
        activation: MatmulEpilogue.Activation = .none,
        isBare: Bool = true
    ) throws {
        let context = "\(plan): \(context)"
        let (tokenCount, outputs) = (x.count / columns, rows / activation.parts)
        let weights = TestWeights(format, rows: rows, columns: columns, &generator)
        let bias = isBare ? nil : generator.floats(rows)
        let residual = isBare ? nil : generator.floats(tokenCount * outputs)
        let y = try GuardedMatrix(bench, rows: tokenCount, columns: outputs, label: "y")
        if let residual { y.write(residual) }
        let matrix = try weights.upload(bench, for: .gpu)
        let input = try bench.activations(x, columns: columns, "x")
        let biasSlice = try bias.map { try bench.input($0, "bias") }
        try bench.run(bench.matrixLibrary) {
            try $0.matmul(
                matrix,
                input,
                into: y.matrix,
                MatmulEpilogue(
                    bias: biasSlice,
                    activation: activation,
                    residual: residual == nil ? nil : y.matrix
                ),
                tokenCount: tokenCount,
                plan: plan
            )
        }
        let expected = matmulReference(
            weights.decoded,
            rows: rows,
            columns: columns,
            x,
            bias: bias,
            activation: activation,
            residual: residual
        )
        let sizes = matmulSizes(
            weights.decoded,
            rows: rows,
            columns: columns,
            x,
            bias: bias,
            activation: activation
        )
        let actual = y.values(rows: tokenCount, context)
        expectClose(actual, expected, sizes: sizes, tolerance, context)
    }

    /// Plans of a kernel that this device can run: every way it cuts the work, split and unsplit.
    /// - Parameter planCount: how many of the last; CPU drivers take seconds to compile a tile.
    private func plans(
        _ kernel: MatmulPlan.Kernel,
        _ format: WeightFormat,
        parts: Int,
        planCount: Int
    ) throws -> [MatmulPlan] {
        let library = try Workbench.shared().matrixLibrary
        let (device, isCPU) = (library.matmulDevice, library.device.properties.isCPU)
        let whole: [MatmulPlan]
        switch kernel {
        case .vector, .dot:
            whole = [(1, 1), (8, 1), (4, 2), (2, 4)].map {
                MatmulPlan(kernel, tokens: $0.0, rows: $0.1)
            }
        case .tile: whole = [.tile(), .tile(splits: 3)]
        case .workgroupMatrix: whole = device.workgroupTiles()
        case .matrix:
            whole = device.tiles(parts: parts).enumerated().map { index, plan in
                var plan = plan
                if index % 2 == 0 { plan.tile?.stages = 1 }
                if index % 3 == 1 { plan.splits = 3 }
                return isCPU ? cutFurther(plan, format, parts: parts) : plan
            }
        }
        let valid = whole.filter { $0.isValid(on: device, format: format, parts: parts) }
        return Array(valid.suffix(planCount))
    }

    /// The same tile by more subgroups, two by two matrices each, or one by one of the formats that
    /// differ from others in unpacking only: CPU drivers write out all that a subgroup computes,
    /// and take minutes to compile eight by four.
    private func cutFurther(
        _ plan: MatmulPlan,
        _ format: WeightFormat,
        parts: Int
    ) -> MatmulPlan {
        guard var tile = plan.tile else { return plan }
        var plan = plan
        let most = Self.thorough.contains(format) ? 2 : 1
        if most == 1 { tile.depth = 32 }
        tile.subgroupRows = min(tile.subgroupRows, most * parts * tile.m)
        tile.subgroupTokens = min(tile.subgroupTokens, most * tile.n)
        plan.tile = tile
        return plan
    }
}

extension MatmulPlan.Kernel {
    /// Whether weights or activations lose bits before they are multiplied.
    var roundsInputs: Bool { [.dot, .matrix, .workgroupMatrix].contains(self) }
}

extension Tolerance {
    /// What a kernel does to its inputs before it multiplies them, or an activation to the sums.
    init(of kernel: MatmulPlan.Kernel, _ activation: MatmulEpilogue.Activation = .none) {
        switch kernel {
        case .vector, .tile: self = activation == .none ? .sum : .elementwise
        case .dot: self = .bytes
        case .matrix, .workgroupMatrix: self = .halves
        }
    }
}
