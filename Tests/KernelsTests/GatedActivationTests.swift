import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct GatedActivationTests {
    nonisolated static let activations = MatmulEpilogue.Activation.allCases.filter { $0 != .none }

    @Test(arguments: RowsCase.awkward, activations)
    func theGateOpensTheUpProjection(
        _ shape: RowsCase,
        _ activation: MatmulEpilogue.Activation
    ) throws {
        var generator = SeededGenerator("\(shape) \(activation)")
        let gateUp = generator.floats(2 * shape.rows * shape.columns, scale: 8)
        for family in KernelFamily.tested {
            let context = "\(family) \(activation) \(shape)"
            try check(family, gateUp, activation, columns: shape.columns, context)
        }
    }

    /// exp(-gate) is infinite for the lowest of these: the gate is then shut, not broken.
    @Test(arguments: KernelFamily.tested, activations)
    func extremeGatesAreShutOrOpen(
        _ family: KernelFamily,
        _ activation: MatmulEpilogue.Activation
    ) throws {
        let gates: [Float] = [-1000, -100, -90, -0.0, 0, 90, 100, 1000]
        let row = (gates + gates + gates + gates) + [Float](repeating: 2, count: 32)
        try check(family, row, activation, columns: 32, "\(family), \(activation), extreme gates")
    }

    private func check(
        _ family: KernelFamily,
        _ gateUp: [Float],
        _ activation: MatmulEpilogue.Activation,
        columns: Int,
        _ context: String
    ) throws {
        let bench = try Workbench.shared()
        let rows = gateUp.count / columns / 2
        let y = try GuardedMatrix(bench, rows: rows, columns: columns, label: "y")
        let input = try bench.activations(gateUp, columns: 2 * columns, "gate, up")
        try bench.run(family) {
            try $0.gatedActivation(input, activation, into: y.matrix, tokenCount: rows)
        }
        let expected = gatedActivationReference(gateUp, activation, columns: columns)
        expectClose(y.values(rows: rows, context), expected, .elementwise, context)
    }
}
