import Kernels
import Testing
import Vulkan

/// The choice of plans, for devices that need not be here.
struct MatmulTableTests {
    static let hopper = MatmulDevice(
        subgroupSize: 32,
        sharedMemoryByteCount: 49_152,
        width: 132,
        matrix: CooperativeMatrix(m: 16, n: 16, k: 16, inputs: .f16, accumulator: .f32),
        acceleratesInt8DotProduct: true,
        hasIntegerDotProduct: true
    )
    /// The same with the workgroup's matrices.
    static let hopperWithWorkgroupMatrices = {
        var device = hopper
        device.workgroupMatrices = [128, 256].map {
            CooperativeMatrix(
                m: 32,
                n: 32,
                k: 16,
                inputs: .f16,
                accumulator: .f32,
                workgroupSize: $0
            )
        }
        device.maxFlexibleDimension = 256
        device.reservedSharedMemoryByteCount = 8192
        return device
    }()
    /// RDNA 2: integer dot products, no matrices.
    static let plain = MatmulDevice(
        subgroupSize: 64,
        sharedMemoryByteCount: 65_536,
        width: 80,
        matrix: nil,
        acceleratesInt8DotProduct: true,
        hasIntegerDotProduct: true
    )
    /// Arc: matrices that are not square, and subgroups of 16.
    static let oblong = MatmulDevice(
        subgroupSize: 16,
        sharedMemoryByteCount: 65_536,
        width: 32,
        matrix: CooperativeMatrix(m: 8, n: 16, k: 16, inputs: .f16, accumulator: .f32),
        acceleratesInt8DotProduct: true,
        hasIntegerDotProduct: true
    )
    static let devices = [hopper, hopperWithWorkgroupMatrices, plain, oblong]
    static let hasMatrix = hopper.has(.matrix, .q4_1)
    static let hasDot = hopper.has(.dot, .q4_1)

    @Test func everyPlanAndCandidateCanBeRunWhereItIsChosen() {
        for device in Self.devices {
            for shape in MatmulCase.awkward + MatmulCase.typical {
                for format in WeightFormat.allCases {
                    for (parts, isBatchInvariant) in [(1, false), (2, false), (1, true)] {
                        let problem = MatmulProblem(
                            format,
                            rows: shape.rows,
                            columns: shape.columns,
                            tokenCount: shape.tokenCount,
                            parts: parts
                        )
                        let plan = device.plan(problem, isBatchInvariant: isBatchInvariant)
                        #expect(
                            plan.isValid(on: device, format: format, parts: parts),
                            "\(plan) for \(shape) of \(format), \(parts) parts"
                        )
                    }
                    let candidates = device.candidates(shape, format)
                    #expect(Set(candidates).count == candidates.count && !candidates.isEmpty)
                }
            }
        }
    }

    @Test func aBatchInvariantDeviceHasOneKernelAndNeverSplits() {
        for device in Self.devices {
            let plans = [1, 2, 8, 9, 33, 500].map { tokenCount in
                device.plan(
                    MatmulProblem(.q4_1, rows: 4096, columns: 4096, tokenCount: tokenCount),
                    isBatchInvariant: true
                )
            }
            #expect(Set(plans.map(\.kernel)).count == 1)
            #expect(plans.allSatisfy { $0.splits == 1 })
        }
    }

    @Test(.enabled(if: hasMatrix && hasDot, "this build's compiler is too old"))
    func theKernelsFollowTheNumberOfTokens() {
        func kernel(_ device: MatmulDevice, _ format: WeightFormat, _ tokenCount: Int)
            -> MatmulPlan.Kernel
        {
            device.plan(
                MatmulProblem(format, rows: 4096, columns: 4096, tokenCount: tokenCount),
                isBatchInvariant: false
            ).kernel
        }
        #expect(kernel(Self.hopper, .q4_1, 1) == .vector)
        #expect(kernel(Self.hopper, .q4_1, 5) == .dot)
        #expect(kernel(Self.hopper, .f16, 5) == .vector)
        #expect(kernel(Self.hopper, .q4_1, 9) == .matrix)
        #expect(kernel(Self.hopper, .f32, 512) == .tile)
        #expect(kernel(Self.plain, .q4_1, 512) == .tile)
    }

    @Test(.enabled(if: hasMatrix, "this build's compiler is too old"))
    func theWorkgroupsMatricesAreCandidatesOnceThereAreSuch() {
        let shape = MatmulCase(rows: 4096, columns: 4096, tokenCount: 512)
        func kernels(_ device: MatmulDevice) -> Set<MatmulPlan.Kernel> {
            Set(device.candidates(shape, .q4_1).map(\.kernel))
        }
        #expect(kernels(Self.hopper) == [.matrix, .tile])
        #expect(kernels(Self.hopperWithWorkgroupMatrices) == [.matrix, .workgroupMatrix, .tile])
    }

    @Test(arguments: [16, 32, 64, 512, 2048])
    func manyTokensFillTheDevice(_ tokenCount: Int) {
        for device in Self.devices {
            let problem = MatmulProblem(.q4_1, rows: 4096, columns: 4096, tokenCount: tokenCount)
            let plan = device.plan(problem, isBatchInvariant: false)
            let workgroups = problem.tileCount(plan.rows, plan.tokens) * plan.splits
            #expect(workgroups >= device.width, "\(plan) for \(tokenCount) tokens")
        }
    }

    @Test func plansOfAStrangersFileAreRefused() {
        var plan = Self.hopper.tiles(parts: 1)[0]
        #expect(plan.isValid(on: Self.hopper, format: .q4_1, parts: 1) == Self.hasMatrix)
        for change in [
            { (plan: inout MatmulPlan) in plan.rows = 100 }, { $0.tokens = 0 }, { $0.splits = 99 },
            { $0.tile?.depth = 512 }, { $0.tile?.m = 8 }, { $0.tile?.subgroupRows = 0 },
            { $0.tile?.stages = 3 }, { $0.tile = nil },
        ] {
            let good = plan
            change(&plan)
            #expect(!plan.isValid(on: Self.hopper, format: .q4_1, parts: 1), "\(plan)")
            plan = good
        }
        let wide = MatmulPlan(.vector, tokens: 64, rows: 1)
        #expect(!wide.isValid(on: Self.hopper, format: .q4_1, parts: 1))
    }
}
