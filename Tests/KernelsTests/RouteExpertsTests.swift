import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct RouteExpertsTests {
    struct Case: Sendable, CustomStringConvertible {
        let tokens, experts, chosen: Int
        var description: String { "\(tokens) tokens, \(chosen) of \(experts) experts" }

        static let awkward = [
            Case(tokens: 1, experts: 4, chosen: 4), Case(tokens: 3, experts: 1, chosen: 1),
            Case(tokens: 5, experts: 31, chosen: 2), Case(tokens: 17, experts: 33, chosen: 8),
            Case(tokens: 40, experts: 128, chosen: 8), Case(tokens: 2, experts: 512, chosen: 10),
        ]
    }

    @Test(arguments: Case.awkward, [true, false])
    func theMostProbableExpertsAreChosen(_ shape: Case, _ renormalises: Bool) throws {
        var generator = SeededGenerator("\(shape)")
        // Few different values: equals are the rule.
        let logits = generator.floats(shape.tokens * shape.experts, scale: 4).map {
            ($0 * 2).rounded() / 2
        }
        for family in KernelFamily.tested {
            try check(family, shape, logits, renormalises)
        }
    }

    /// Nothing chosen may be out of bounds, whatever the logits are.
    @Test(arguments: KernelFamily.tested)
    func logitsThatAreNoNumbersChooseExpertsThereAre(_ family: KernelFamily) throws {
        let bench = try Workbench.shared()
        let routing = try ExpertRouting(
            bench.device,
            expertCount: 6,
            chosenCount: 3,
            tokenCapacity: 2
        )
        let logits = [Float](repeating: .nan, count: 6) + [.infinity, -.infinity, .nan, 0, 1, 2]
        let input = try bench.activations(logits, columns: 6, "logits")
        let copy = try GuardedBuffer(bench, wordCount: 6, label: "experts")
        try bench.run(family) {
            try $0.routeExperts(input, into: routing, renormalises: true, tokenCount: 2)
            $0.recording.copy(from: routing.experts, to: copy.slice)
        }
        #expect(copy.words(6, "\(family)").allSatisfy { $0 < 6 })
    }

    private func check(
        _ family: KernelFamily,
        _ shape: Case,
        _ logits: [Float],
        _ renormalises: Bool
    ) throws {
        let context = "\(family), \(shape)"
        let bench = try Workbench.shared()
        let routing = try ExpertRouting(
            bench.device,
            expertCount: shape.experts,
            chosenCount: shape.chosen,
            tokenCapacity: shape.tokens
        )
        let pairs = shape.tokens * shape.chosen
        let input = try bench.activations(logits, columns: shape.experts, "logits")
        let experts = try GuardedBuffer(bench, wordCount: pairs, label: "experts")
        let shares = try GuardedBuffer(bench, wordCount: pairs, label: "shares")
        try bench.run(family) {
            try $0.routeExperts(
                input,
                into: routing,
                renormalises: renormalises,
                tokenCount: shape.tokens
            )
            $0.recording.copy(from: routing.experts, to: experts.slice)
            $0.recording.copy(from: routing.shares, to: shares.slice)
        }
        let expected = (0..<shape.tokens).map { token in
            routeExpertsReference(
                Array(logits[token * shape.experts..<(token + 1) * shape.experts]),
                chosenCount: shape.chosen,
                renormalises: renormalises
            )
        }
        #expect(experts.words(pairs, context) == expected.flatMap(\.experts), "\(context)")
        expectClose(
            shares.floats(pairs, context),
            expected.flatMap(\.shares),
            .elementwise,
            context
        )
    }
}
