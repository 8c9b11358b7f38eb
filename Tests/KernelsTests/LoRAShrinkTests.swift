import Kernels
import ShaderParams
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct LoRAShrinkTests {
    @Test(arguments: LoRACase.awkward)
    func tokensGoThroughTheirAdaptersFirstFactor(_ shape: LoRACase) throws {
        let bench = try Workbench.shared()
        var generator = SeededGenerator("\(shape)")
        let problem = try LoRAProblem(shape, bench, &generator)
        let columns = shape.columns
        let x = generator.floats(shape.slots.count * columns)
        let input = try bench.activations(x, columns: columns, "x")
        let (batch, step) = try LoRAProblem.step(shape.slots, bench)
        for family in KernelFamily.tested {
            let context = "\(family), \(shape)"
            let h = try run(family, problem, input, step, bench, context)
            for (place, token) in batch.tokens.enumerated() {
                let row = x[Int(token) * columns..<(Int(token) + 1) * columns]
                let slot = try #require(shape.slots[Int(token)])
                for (matrix, a) in problem.a[slot].enumerated() where !a.isEmpty {
                    let rank = shape.ranks[slot][matrix]
                    let first = (place * shape.rowCounts.count + matrix) * shape.maxRank
                    let expected = loraShrinkReference(row, a: a)
                    expectClose(Array(h[first..<first + rank]), expected, .sum, context)
                    let rest = h[first + rank..<first + shape.maxRank]
                    let isUntouched = rest.allSatisfy(\.isNaN)
                    #expect(isUntouched, "\(context): written past the rank")
                }
            }
        }
    }

    /// Alone, in a tile of its own and with other adapters beside it.
    @Test(arguments: KernelFamily.tested)
    func aTokensBitsDoNotDependOnTheOthers(_ family: KernelFamily) throws {
        let bench = try Workbench.shared()
        let shape = LoRACase.awkward[1]
        var generator = SeededGenerator("\(shape) alone")
        let problem = try LoRAProblem(shape, bench, &generator)
        let x = generator.floats(shape.slots.count * shape.columns)
        let input = try bench.activations(x, columns: shape.columns, "x")
        let (batch, together) = try LoRAProblem.step(shape.slots, bench)
        let all = try run(family, problem, input, together, bench, "together")
        let width = shape.rowCounts.count * shape.maxRank
        for token in [1, 2, 17] {
            var slots = [Int?](repeating: nil, count: shape.slots.count)
            slots[token] = shape.slots[token]
            let alone = try LoRAProblem.step(slots, bench).1
            let own = try run(family, problem, input, alone, bench, "alone")
            let place = try #require(batch.tokens.firstIndex(of: UInt32(token)))
            expectSameBits(
                own.map(\.bitPattern),
                all[place * width..<(place + 1) * width].map(\.bitPattern),
                "\(family), token \(token)"
            )
        }
    }

    private func run(
        _ family: KernelFamily,
        _ problem: LoRAProblem,
        _ x: ActivationMatrix,
        _ step: LoRAStep,
        _ bench: Workbench,
        _ context: String
    ) throws -> [Float] {
        let h = try GuardedMatrix(
            bench,
            rows: step.tokenCount,
            columns: problem.stack.hiddenColumns,
            label: "h"
        )
        try bench.run(family) {
            try $0.loraShrink(problem.stack, x, step, into: h.matrix, weights: problem.weights)
        }
        return h.values(rows: step.tokenCount, context)
    }

    @Test func tilesHoldTokensOfOneAdapterAndAllWithOne() {
        let batch = LoRABatch(slots: [nil, 3, 0, 3, nil] + [Int?](repeating: 3, count: 9))
        #expect(batch.slots == [0, 3])
        #expect(batch.tokens == [2, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13])
        #expect(batch.tiles.map(\.first) == [0, 1, 9])
        #expect(batch.tiles.map(\.count) == [1, 8, 3])
        #expect(batch.tiles.map(\.slot) == [0, 3, 3])
        #expect(batch.tiles.count <= LoRABatch.tileCapacity(tokenCount: 14, slotCount: 2))
        #expect(LoRABatch(slots: [nil, nil]).tiles.isEmpty)
    }
}
