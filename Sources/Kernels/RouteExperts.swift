import ShaderParams
public import Vulkan

/// Which experts a step's tokens have, on the device. A pair is a token with one of its experts.
public struct ExpertRouting {
    public let expertCount: Int
    /// Experts of a token.
    public let chosenCount: Int
    public let tokenCapacity: Int
    /// uint[tokens][chosenCount].
    public let experts: BufferSlice
    /// float[tokens][chosenCount].
    public let shares: BufferSlice
    /// uint[expertCount]: the pairs of each.
    package let counts: BufferSlice
    /// uint[expertCount][tokenCapacity].
    package let lists: BufferSlice

    public init(
        _ device: Device,
        expertCount: Int,
        chosenCount: Int,
        tokenCapacity: Int
    ) throws(VulkanError) {
        precondition(
            (1...expertCount).contains(chosenCount),
            "\(chosenCount) of \(expertCount) experts"
        )
        func make(_ words: Int, _ label: String) throws(VulkanError) -> BufferSlice {
            // A buffer may be larger than was asked for.
            try Buffer(device, byteCount: 4 * words, use: .device, label: label)
                .whole.slice(at: 0, byteCount: 4 * words)
        }
        self.expertCount = expertCount
        self.chosenCount = chosenCount
        self.tokenCapacity = tokenCapacity
        experts = try make(tokenCapacity * chosenCount, "experts")
        shares = try make(tokenCapacity * chosenCount, "shares of experts")
        counts = try make(expertCount, "pairs of experts")
        lists = try make(expertCount * tokenCapacity, "lists of experts")
    }

    /// Bytes this will take.
    public static func byteCount(expertCount: Int, chosenCount: Int, tokenCapacity: Int) -> Int {
        4 * (2 * tokenCapacity * chosenCount + expertCount * (1 + tokenCapacity))
    }

    /// Whether so many tokens share experts often enough that products go by expert: weights are
    /// then loaded once for several pairs.
    public func isGrouped(tokenCount: Int) -> Bool {
        tokenCount * chosenCount >= 2 * expertCount
    }

    /// The pairs of `tokenCount` tokens, in words of four bytes.
    func leading(_ slice: BufferSlice, _ tokenCount: Int) -> BufferSlice {
        slice.slice(at: 0, byteCount: 4 * tokenCount * chosenCount)
    }
}

extension KernelRecorder {
    /// Chooses the experts of the highest logits for each token, and their shares: the softmax of
    /// the chosen logits, or of all.
    /// - Parameters:
    ///   - logits: [tokenCount, expertCount].
    ///   - renormalises: whether a token's shares add up to one.
    public mutating func routeExperts(
        _ logits: ActivationMatrix,
        into routing: ExpertRouting,
        renormalises: Bool,
        tokenCount: Int
    ) throws(VulkanError) {
        precondition(
            logits.columns == routing.expertCount
                && tokenCount <= min(logits.rowCapacity, routing.tokenCapacity),
            "route_experts: \(tokenCount) tokens, \(logits.columns) logits for "
                + "\(routing.expertCount) experts"
        )
        recording.dispatch(
            try library.pipeline(
                .route_experts,
                workgroupSize: library.subgroupSize,
                renormalises ? 1 : 0
            ),
            RouteExpertsParams(
                logits: logits.slice.address,
                experts: routing.experts.address,
                shares: routing.shares.address,
                expertCount: UInt32(routing.expertCount),
                chosenCount: UInt32(routing.chosenCount)
            ),
            groups: Workgroups(tokenCount),
            reads: [logits.leading(tokenCount)],
            writes: [
                routing.leading(routing.experts, tokenCount),
                routing.leading(routing.shares, tokenCount),
            ]
        )
    }
}
