import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct LoRAExpandTests {
    @Test(arguments: LoRACase.awkward)
    func tokensGetWhatTheirAdaptersSecondFactorGives(_ shape: LoRACase) throws {
        let bench = try Workbench.shared()
        var generator = SeededGenerator("\(shape)")
        let problem = try LoRAProblem(shape, bench, &generator)
        let tokenCount = shape.slots.count
        // A few columns past the last matrix stay as they are.
        let columns = shape.rowCounts.reduce(0, +) + 3
        let y = generator.floats(tokenCount * columns)
        let (batch, step) = try LoRAProblem.step(shape.slots, bench)
        let width = problem.stack.hiddenColumns
        let h = generator.floats(batch.tokens.count * width)
        let input = try bench.activations(h, columns: width, "h")
        var expected = y.map { Double($0) }
        for (place, token) in batch.tokens.enumerated() {
            let slot = try #require(shape.slots[Int(token)])
            var first = Int(token) * columns
            for (matrix, b) in problem.b[slot].enumerated() {
                let rows = shape.rowCounts[matrix]
                defer { first += rows }
                let start = place * width + matrix * shape.maxRank
                let own = Array(h[start..<start + shape.ranks[slot][matrix]])
                guard !own.isEmpty else { continue }
                expected.replaceSubrange(
                    first..<first + rows,
                    with: loraExpandReference(y[first..<first + rows], h: own, b: b)
                )
            }
        }
        for family in KernelFamily.tested {
            let context = "\(family), \(shape)"
            let output = try GuardedMatrix(bench, rows: tokenCount, columns: columns, label: "y")
            output.write(y)
            try bench.run(family) {
                try $0.loraExpand(
                    problem.stack,
                    input,
                    step,
                    into: output.matrix,
                    weights: problem.weights
                )
            }
            let found = output.values(rows: tokenCount, context)
            expectClose(found, expected, .sum, context)
            for (token, slot) in shape.slots.enumerated() where slot == nil {
                let row = token * columns..<(token + 1) * columns
                expectSameBits(
                    found[row].map(\.bitPattern),
                    y[row].map(\.bitPattern),
                    "\(context), token \(token) has no adapter"
                )
            }
        }
    }
}
