public import Kernels
import Vulkan

/// The plans there are for one matrix product, measured on one device.
public struct MatmulTuning: Sendable, Encodable {
    /// A plan and its time.
    public struct Candidate: Sendable, Encodable {
        public let plan: MatmulPlan
        public let medianMicroseconds: Double

        private enum CodingKeys: String, CodingKey {
            case plan
            case medianMicroseconds = "median_us"
        }
    }

    public let format: WeightFormat
    public let shape: String
    public let key: KernelChoices.Key
    /// The table's plan first, then the others in the order they were tried in; without those that
    /// the driver refused.
    public let candidates: [Candidate]

    /// A plan that is faster than the table's by less than this is not worth an exception: medians
    /// differ by as much from one run to the next.
    public static let worthwhileShare = 0.03

    public init(
        format: WeightFormat,
        shape: String,
        key: KernelChoices.Key,
        candidates: [Candidate]
    ) {
        precondition(!candidates.isEmpty, "\(format) \(shape): no plan was measured")
        self.format = format
        self.shape = shape
        self.key = key
        self.candidates = candidates
    }

    /// What the table says.
    public var table: Candidate { candidates[0] }

    /// The fastest; the table's unless another is worth it.
    public var best: Candidate {
        let fastest =
            candidates.min { $0.medianMicroseconds < $1.medianMicroseconds } ?? candidates[0]
        let bound = table.medianMicroseconds * (1 - Self.worthwhileShare)
        return fastest.medianMicroseconds < bound ? fastest : table
    }

    /// What a choice file has to say of it: nothing where the table is right.
    public var choice: MatmulPlan? { best.plan == table.plan ? nil : best.plan }
}

extension MatmulTuning.Candidate {
    public init(_ plan: MatmulPlan, seconds: Double) {
        self.plan = plan
        medianMicroseconds = seconds * 1e6
    }
}

extension KernelWorkbench {
    /// Measures plans of a product of the GPU family.
    /// - Parameters:
    ///   - plans: the table's first; nil: every one there is.
    ///   - budget: seconds for the runs of each plan.
    /// - Throws: what the table's plan fails with; another that the driver refuses is left out.
    public func tune(
        _ shape: MatmulCase,
        _ format: WeightFormat,
        plans: [MatmulPlan]? = nil,
        budget: Double
    ) throws -> MatmulTuning {
        precondition(library.family == .gpu, "only the GPU family has plans, not \(library.family)")
        let matrices = try coldWeights(format, rows: shape.rows, columns: shape.columns)
        let x = try activations(rows: shape.tokenCount, columns: shape.columns, "x")
        let y = try activations(rows: shape.tokenCount, columns: shape.rows, "y")
        var measured: [MatmulTuning.Candidate] = []
        for plan in plans ?? library.matmulDevice.candidates(shape, format) {
            do {
                let seconds = try median(budget: budget) { (recorder, run) throws(VulkanError) in
                    try recorder.matmul(
                        matrices[run % matrices.count],
                        x,
                        into: y,
                        tokenCount: shape.tokenCount,
                        plan: plan
                    )
                }.seconds
                measured.append(MatmulTuning.Candidate(plan, seconds: seconds))
            } catch VulkanError.callFailed where !measured.isEmpty {
                continue
            }
        }
        return MatmulTuning(
            format: format,
            shape: "\(shape)",
            key: KernelChoices.Key(
                format,
                rows: shape.rows,
                columns: shape.columns,
                tokenCount: shape.tokenCount
            ),
            candidates: measured
        )
    }
}
