import Foundation
import Kernels
import Testing

struct KernelChoicesTests {
    private let plan = MatmulTableTests.hopper.tiles(parts: 1)[0]

    @Test func sizesShareAChoiceUpToAPowerOfTwo() {
        let key = KernelChoices.Key(.q4_1, rows: 4096, columns: 14_336, tokenCount: 9)
        #expect(key == KernelChoices.Key(.q4_1, rows: 2049, columns: 16_384, tokenCount: 16))
        #expect(key != KernelChoices.Key(.q4_1, rows: 4097, columns: 14_336, tokenCount: 9))
        #expect(key != KernelChoices.Key(.q8_0, rows: 4096, columns: 14_336, tokenCount: 9))
        #expect(key.tokens == 16)
        #expect(KernelChoices.Key(.f16, rows: 1, columns: 32, tokenCount: 1).rows == 1)
        let many = KernelChoices.Key(.f16, rows: 1, columns: 32, tokenCount: 8192)
        #expect(many == KernelChoices.Key(.f16, rows: 1, columns: 32, tokenCount: 512))
    }

    @Test func aFileBringsBackWhatWasWritten() throws {
        let file = temporaryFile()
        defer { try? FileManager.default.removeItem(atPath: file) }
        var choices = KernelChoices()
        let key = KernelChoices.Key(.q4_1, rows: 4096, columns: 4096, tokenCount: 16)
        choices[key] = MatmulPlan(.vector, tokens: 8, rows: 2)
        choices[key] = plan
        choices[KernelChoices.Key(.f16, rows: 1, columns: 32, tokenCount: 1)] = .tile(splits: 2)
        try choices.write(to: file)
        let stored = KernelChoices(file: file)
        #expect(stored == choices)
        #expect(stored[key] == plan && stored.count == 2)
    }

    @Test(arguments: ["", "{", "[]", #"{"matmul": [{"key": 1}]}"#, #"{"matmul": 3}"#])
    func aFileThatIsNotUnderstoodIsEmpty(_ text: String) throws {
        let file = temporaryFile()
        defer { try? FileManager.default.removeItem(atPath: file) }
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(KernelChoices(file: file) == KernelChoices())
        #expect(KernelChoices(file: file + ".none") == KernelChoices())
    }

    @TestDevice
    @Test(.needsDevice)
    func aLibraryFollowsChoicesItCanRunAndNoOthers() throws {
        let bench = try Workbench.shared()
        let problem = MatmulProblem(.q4_1, rows: 64, columns: 96, tokenCount: 1)
        func plan(_ choice: MatmulPlan, isBatchInvariant: Bool = false) -> MatmulPlan {
            var choices = KernelChoices()
            choices[KernelChoices.Key(.q4_1, rows: 64, columns: 96, tokenCount: 1)] = choice
            let library = KernelLibrary(
                bench.device,
                family: .gpu,
                isBatchInvariant: isBatchInvariant,
                choices: choices
            )
            return library.plan(problem)
        }
        let table = plan(MatmulPlan(.vector, tokens: 99))
        #expect(table.tokens != 99)
        #expect(plan(.tile()) == .tile())
        #expect(plan(.tile(splits: 2), isBatchInvariant: true).splits == 1)
    }

    private func temporaryFile() -> String {
        FileManager.default.temporaryDirectory
            .appendingPathComponent("pumice-choices-\(UUID().uuidString).json").path
    }
}
