import Kernels
import ShaderParams
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct LogprobsTests {
    @Test(arguments: [1, 2, 7, 8, 9, 20, 21, 255, 257, 1000, 151_936], KernelFamily.tested)
    func theyAreThoseOfTheSoftmax(_ size: Int, _ family: KernelFamily) throws {
        let context = "\(family), vocabulary of \(size)"
        var generator = SeededGenerator(context)
        let logits = generator.floats(3 * size, scale: 15)
        let rows = [0, 1, 3, 20].enumerated().map { index, topCount in
            LogprobRow(
                logitsRow: UInt32((index + 1) % 3),
                token: UInt32.random(in: 0..<UInt32(size), using: &generator),
                topCount: UInt32(topCount)
            )
        }
        try check(family, logits, size: size, rows, context)
    }

    @Test(arguments: KernelFamily.tested)
    func amongEqualsTheLowerIdComesFirst(_ family: KernelFamily) throws {
        let size = 600
        let logits = (0..<size).map { Float($0 % 3) }
        let rows = [LogprobRow(logitsRow: 0, token: 4, topCount: 20)]
        try check(family, logits, size: size, rows, "\(family), equals")
    }

    @Test(arguments: KernelFamily.tested)
    func tokensThatCannotBeAreNotNamed(_ family: KernelFamily) throws {
        let size = 50
        var logits = [Float](repeating: -.infinity, count: size)
        logits[17] = 3
        logits[40] = 2
        let rows = [LogprobRow(logitsRow: 0, token: 40, topCount: 5)]
        try check(family, logits, size: size, rows, "\(family), two tokens")
    }

    @Test(arguments: KernelFamily.tested)
    func aSamplesTokenIsFoundAmongTheSamples(_ family: KernelFamily) throws {
        let size = 64
        var generator = SeededGenerator("samples")
        let logits = generator.floats(2 * size, scale: 4)
        let flag = LogprobRow.sampledFlag
        let entries = try run(
            family,
            logits,
            size: size,
            [
                LogprobRow(logitsRow: 1, token: flag | 2, topCount: 1),
                LogprobRow(logitsRow: 0, token: flag | 0, topCount: 0),
                LogprobRow(logitsRow: 0, token: flag | 1, topCount: 0),
            ],
            tokens: [33, KernelRecorder.noToken, 7],
            "\(family), samples"
        )
        #expect(entries[0][0].token == 7)
        let expected = logprobsReference(Array(logits[size...]), token: 7, topCount: 0)[0]
        #expect(abs(Double(entries[0][0].logprob) - expected.logprob) < 1e-4)
        #expect(entries[1][0].token == 33)
        #expect(entries[2][0].token == KernelRecorder.noToken)
    }

    private func check(
        _ family: KernelFamily,
        _ logits: [Float],
        size: Int,
        _ rows: [LogprobRow],
        _ context: String
    ) throws {
        let found = try run(family, logits, size: size, rows, tokens: [0], context)
        for (row, entries) in zip(rows, found) {
            let first = Int(row.logitsRow) * size
            let expected = logprobsReference(
                Array(logits[first..<first + size]),
                token: Int(row.token),
                topCount: Int(row.topCount)
            )
            for (entry, wanted) in zip(entries, expected) {
                #expect(entry.token == UInt32(wanted.token), "\(context), top \(row.topCount)")
                #expect(entry.rank == UInt32(wanted.rank), "\(context), top \(row.topCount)")
                let difference = abs(Double(entry.logprob) - wanted.logprob)
                #expect(difference < 2e-5 * max(1, abs(wanted.logprob)), "\(context)")
            }
            let rest = entries.dropFirst(expected.count).prefix(
                max(0, Int(row.topCount) + 1 - expected.count)
            )
            #expect(rest.allSatisfy { $0.token == KernelRecorder.noToken }, "\(context)")
        }
    }

    /// The entries of each row. What a row does not ask for must stay untouched.
    private func run(
        _ family: KernelFamily,
        _ logits: [Float],
        size: Int,
        _ rows: [LogprobRow],
        tokens: [UInt32],
        _ context: String
    ) throws -> [[Logprob]] {
        let bench = try Workbench.shared()
        let matrix = try bench.activations(logits, columns: size, "logits")
        let stride = KernelRecorder.logprobStride
        let entries = try GuardedBuffer(
            bench,
            wordCount: 3 * stride * rows.count,
            label: "logprobs"
        )
        let untouched = entries.slice.read(UInt32.self, count: 1)[0]
        let rowSlice = try bench.input(rows, "logprob rows")
        let tokenSlice = try bench.input(tokens, "tokens")
        try bench.run(family) {
            try $0.logprobs(
                matrix,
                rows: rowSlice,
                rowCount: rows.count,
                tokens: tokenSlice,
                into: entries.slice
            )
        }
        let words = entries.words(3 * stride * rows.count, context)
        return rows.enumerated().map { index, row in
            let own = words[3 * stride * index..<3 * stride * (index + 1)]
            let unused = own.dropFirst(3 * (Int(row.topCount) + 1))
            #expect(unused.allSatisfy { $0 == untouched }, "\(context)")
            return Swift.stride(from: own.startIndex, to: own.endIndex, by: 3).map {
                Logprob(token: own[$0], logprob: Float(bitPattern: own[$0 + 1]), rank: own[$0 + 2])
            }
        }
    }
}
