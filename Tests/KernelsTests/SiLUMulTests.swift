import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct SiLUMulTests {
    @Test(arguments: RowsCase.awkward, KernelFamily.allCases)
    func theGateOpensTheUpProjection(_ shape: RowsCase, _ family: KernelFamily) throws {
        var generator = SeededGenerator("\(shape)")
        let gateUp = generator.floats(2 * shape.rows * shape.columns, scale: 8)
        try check(family, gateUp, columns: shape.columns, "\(family) \(shape)")
    }

    /// exp(-gate) is infinite for the lowest of these: the gate is then shut, not broken.
    @Test(arguments: KernelFamily.allCases)
    func extremeGatesAreShutOrOpen(_ family: KernelFamily) throws {
        let gates: [Float] = [-1000, -100, -90, -0.0, 0, 90, 100, 1000]
        let row = (gates + gates + gates + gates) + [Float](repeating: 2, count: 32)
        try check(family, row, columns: 32, "\(family), extreme gates")
    }

    private func check(
        _ family: KernelFamily,
        _ gateUp: [Float],
        columns: Int,
        _ context: String
    ) throws {
        let bench = try Workbench.shared()
        let rows = gateUp.count / columns / 2
        let y = try GuardedMatrix(bench, rows: rows, columns: columns, label: "y")
        let input = try bench.activations(gateUp, columns: 2 * columns, "gate, up")
        try bench.run(family) { try $0.siluMul(input, into: y.matrix, tokenCount: rows) }
        let expected = siluMulReference(gateUp, columns: columns)
        expectClose(y.values(rows: rows, context), expected, .elementwise, context)
    }
}
