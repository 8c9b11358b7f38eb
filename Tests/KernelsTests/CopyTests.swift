import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct CopyTests {
    /// Quads at and around a workgroup's share, and one.
    @Test(arguments: [1, 3, 255, 256, 257, 1023, 1024, 1025, 5000], KernelFamily.tested)
    func everyByteArrivesAndNoOther(_ quads: Int, _ family: KernelFamily) throws {
        let bench = try Workbench.shared()
        var generator = SeededGenerator("copy \(quads)")
        let words = generator.words(4 * quads)
        let x = try bench.input(words, "x")
        let y = try GuardedBuffer(bench, wordCount: 4 * quads, label: "y")
        try bench.run(family) { try $0.copy(x, into: y.slice) }
        let context = "\(family), \(quads) quads"
        #expect(y.words(4 * quads, context) == copyReference(words), "\(context)")
    }
}
