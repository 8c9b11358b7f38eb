import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct GroupExpertsTests {
    @Test(arguments: [(1, 4, 2), (7, 9, 3), (33, 31, 4), (64, 128, 8)])
    func everyPairIsInItsExpertsListInOrder(tokens: Int, experts: Int, chosen: Int) throws {
        let bench = try Workbench.shared()
        var generator = SeededGenerator("group \(tokens) \(experts) \(chosen)")
        let logits = generator.floats(tokens * experts)
        let ids = (0..<tokens).flatMap { token in
            routeExpertsReference(
                Array(logits[token * experts..<(token + 1) * experts]),
                chosenCount: chosen,
                renormalises: true
            ).experts
        }
        let expected = groupExpertsReference(ids, expertCount: experts)
        for family in KernelFamily.tested {
            // Room for more tokens than there are.
            let routing = try ExpertRouting(
                bench.device,
                expertCount: experts,
                chosenCount: chosen,
                tokenCapacity: tokens + 5
            )
            let input = try bench.activations(logits, columns: experts, "logits")
            let words = experts * (tokens + 5)
            let counts = try GuardedBuffer(bench, wordCount: experts, label: "counts")
            let lists = try GuardedBuffer(bench, wordCount: words, label: "lists")
            try bench.run(family) {
                try $0.routeExperts(
                    input,
                    into: routing,
                    renormalises: true,
                    tokenCount: tokens
                )
                try $0.groupExperts(routing, tokenCount: tokens)
                for (source, copy) in [(routing.counts, counts), (routing.lists, lists)] {
                    let whole = source.slice(at: 0, byteCount: copy.slice.byteCount)
                    $0.recording.copy(from: whole, to: copy.slice)
                }
            }
            let found = lists.words(words, "\(family)")
            let sizes = counts.words(experts, "\(family)")
            #expect(sizes == expected.map { UInt32($0.count) })
            for (expert, list) in expected.enumerated() {
                let start = expert * (tokens + 5)
                #expect(Array(found[start..<start + list.count]) == list, "expert \(expert)")
            }
        }
    }
}
