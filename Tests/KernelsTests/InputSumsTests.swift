import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct InputSumsTests {
    @Test(arguments: RowsCase.awkward, [16, 32])
    func neighboursAreSummedInTheReferencesOrder(_ shape: RowsCase, _ width: Int) throws {
        let bench = try Workbench.shared()
        let context = "\(shape) by \(width)"
        var generator = SeededGenerator(context)
        let x = generator.floats(shape.rows * shape.columns, scale: 3)
        let input = try bench.activations(x, columns: shape.columns, "x")
        let count = x.count / width
        let sums = try GuardedBuffer(bench, wordCount: count, label: "sums")
        try bench.run(.cpu) {
            try $0.sumInputs(input, width: width, into: sums.slice, tokenCount: shape.rows)
        }
        let actual = sums.words(count, context).map { Float(bitPattern: $0) }
        #expect(actual == inputSumsReference(x, width: width), "\(context)")
    }
}
