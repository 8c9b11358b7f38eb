import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct CombineExpertsTests {
    @Test(arguments: RowsCase.awkward, [1, 4])
    func sharesOfExpertsAreAddedToTheStream(_ shape: RowsCase, _ chosenCount: Int) throws {
        let bench = try Workbench.shared()
        var generator = SeededGenerator("\(shape) \(chosenCount)")
        let (tokens, columns) = (shape.rows, shape.columns)
        let x = generator.floats(tokens * chosenCount * columns)
        let stream = generator.floats(tokens * columns)
        let logits = generator.floats(tokens * 5)
        let shares = (0..<tokens).flatMap { token in
            routeExpertsReference(
                Array(logits[5 * token..<5 * token + 5]),
                chosenCount: chosenCount,
                renormalises: true
            ).shares.map { Float($0) }
        }
        let expected = combineExpertsReference(
            x,
            shares: shares,
            chosenCount: chosenCount,
            onto: stream,
            columns: columns
        )
        for family in KernelFamily.tested {
            let context = "\(family), \(shape), \(chosenCount) experts"
            let routing = try ExpertRouting(
                bench.device,
                expertCount: 5,
                chosenCount: chosenCount,
                tokenCapacity: tokens
            )
            let y = try GuardedMatrix(bench, rows: tokens, columns: columns, label: "y")
            y.write(stream)
            let input = try bench.activations(x, columns: columns, "x")
            let router = try bench.activations(logits, columns: 5, "logits")
            try bench.run(family) {
                try $0.routeExperts(
                    router,
                    into: routing,
                    renormalises: true,
                    tokenCount: tokens
                )
                try $0.combineExperts(input, routing, into: y.matrix, tokenCount: tokens)
            }
            expectClose(y.values(rows: tokens, context), expected, .sum, context)
        }
    }
}
