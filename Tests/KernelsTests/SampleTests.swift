import Kernels
import ShaderParams
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct SampleTests {
    @Test(arguments: [1, 2, 7, 8, 9, 255, 256, 257, 1000, 49_152], KernelFamily.tested)
    func greedyTakesTheLowestIdAmongTheHighest(_ size: Int, _ family: KernelFamily) throws {
        let context = "\(family), vocabulary of \(size)"
        var generator = SeededGenerator(context)
        var logits = generator.floats(3 * size, scale: 10)
        // The first row ends with its highest; the second has it twice; the third is all the same.
        logits[size - 1] = 11
        let twice = (0..<2).map { _ in Int.random(in: 0..<size, using: &generator) }
        for index in twice { logits[size + index] = 11 }
        for index in 0..<size { logits[2 * size + index] = -3 }
        let rows = (0..<3).map { SamplingRow(logitsRow: $0) }
        let tokens = try sample(family, logits, vocabulary: size, rows, context)
        #expect(tokens == [UInt32(size - 1), UInt32(twice.min() ?? 0), 0], "\(context)")
    }

    /// The draws are those of the reference's generator: same bits, same winner.
    @Test(arguments: SamplingCase.all, KernelFamily.tested)
    func drawsAreThoseOfTheReference(_ way: SamplingCase, _ family: KernelFamily) throws {
        let context = "\(family) \(way)"
        var generator = SeededGenerator(context)
        let logits = generator.floats(way.vocabularySize, scale: 6)
        // Barriers are slow on CPU drivers, and there are many in the GPU family's search; most on
        // old drivers.
        let rows = way.rows(count: isSlowDriver && family == .gpu ? 60 : 300, &generator)
        let tokens = try sample(
            family,
            logits,
            vocabulary: way.vocabularySize,
            rows,
            context
        )
        for (row, token) in zip(rows, tokens) {
            let reference = SampleReference(logits, row)
            let (expected, margin) = reference.draw()
            // Two draws may be nearer to each other than floats can tell.
            guard margin > 1e-4, reference.atTheEdge.isEmpty else { continue }
            #expect(token == UInt32(expected), "\(context), position \(row.position)")
        }
    }

    /// Every pass over the row comes to its end, however many there are.
    @Test(arguments: KernelFamily.tested)
    func aWholeVocabularyIsSearched(_ family: KernelFamily) throws {
        let size = 151_936
        var generator = SeededGenerator("whole vocabulary")
        var logits = generator.floats(size, scale: 3)
        // The likeliest tokens stand at the end.
        for index in size - 30..<size { logits[index] = 8 + generator.float() }
        let way = SamplingCase(vocabularySize: size, topK: 25, topP: 0.9)
        let rows = way.rows(count: 8, &generator)
        let tokens = try sample(family, logits, vocabulary: size, rows, "\(family), \(size)")
        for (row, token) in zip(rows, tokens) {
            let reference = SampleReference(logits, row)
            let (expected, margin) = reference.draw()
            guard margin > 1e-4, reference.atTheEdge.isEmpty else { continue }
            #expect(token == UInt32(expected), "\(family), position \(row.position)")
        }
        #expect(tokens.allSatisfy { $0 >= size - 30 && $0 < size }, "\(family): \(tokens)")
    }

    /// Every token that is drawn may be; none that may be is left out; frequencies are the
    /// softmax's.
    @Test(arguments: SamplingCase.all, KernelFamily.tested)
    func frequenciesAreThoseOfTheSoftmaxOfWhatIsKept(
        _ way: SamplingCase,
        _ family: KernelFamily
    ) throws {
        let bench = try Workbench.shared()
        let context = "\(family) \(way)"
        let drawCount = family == .gpu && bench.device.properties.isCPU ? 2000 : 20_000
        var generator = SeededGenerator(context)
        let logits = generator.floats(way.vocabularySize, scale: 4)
        let rows = way.rows(count: drawCount, seed: 7)
        let reference = SampleReference(logits, rows[0])
        var counts: [Int: Int] = [:]
        for token in try sample(
            family,
            logits,
            vocabulary: way.vocabularySize,
            rows,
            context
        ) {
            counts[Int(token), default: 0] += 1
        }
        for token in counts.keys where reference.probabilities[token] == nil {
            #expect(reference.atTheEdge.contains(token), "\(context): \(token) is not to be drawn")
        }
        // Pearson's test over the tokens expected ten times or more, the rest in one class.
        var (statistic, classes, rest) = (0.0, 0, (expected: 0.0, found: 0.0))
        for (token, probability) in reference.probabilities {
            let expected = probability * Double(drawCount)
            let found = Double(counts[token] ?? 0)
            if expected >= 10 {
                statistic += (found - expected) * (found - expected) / expected
                classes += 1
            } else {
                rest = (rest.expected + expected, rest.found + found)
            }
        }
        if rest.expected >= 10 {
            statistic += (rest.found - rest.expected) * (rest.found - rest.expected) / rest.expected
            classes += 1
        }
        let freedom = Double(max(classes - 1, 1))
        // The mean and five standard deviations of chi-square: one in a million goes beyond.
        let limit = freedom + 5 * (2 * freedom).squareRoot() + 10
        #expect(statistic < limit, "\(context): chi-square \(statistic) of \(classes) classes")
    }

    @Test(arguments: KernelFamily.tested)
    func aDrawDependsOnItsSeedAndPositionNotOnTheBatch(_ family: KernelFamily) throws {
        let size = 500
        var generator = SeededGenerator("batch of draws")
        let logits = generator.floats(4 * size, scale: 4)
        let way = SamplingCase(vocabularySize: size, topK: 40, topP: 0.95)
        var rows = way.rows(count: 40, &generator)
        for index in rows.indices { rows[index].logitsRow = UInt32(index % 4) }
        let together = try sample(family, logits, vocabulary: size, rows, "together")
        for (row, token) in zip(rows, together) {
            var alone = row
            alone.logitsRow = 0
            let first = Int(row.logitsRow) * size
            let own = Array(logits[first..<first + size])
            #expect(try sample(family, own, vocabulary: size, [alone], "alone") == [token])
        }
        let other = rows.map { row in
            var row = row
            row.seedLow ^= 1
            return row
        }
        #expect(try sample(family, logits, vocabulary: size, other, "other seeds") != together)
    }

    @Test(arguments: KernelFamily.tested)
    func logitsThatAreNoNumbersAreNeverDrawn(_ family: KernelFamily) throws {
        let size = 100
        var logits = [Float](repeating: .nan, count: 4 * size)
        for index in size..<2 * size { logits[index] = -.infinity }
        for index in [13, 77] { logits[2 * size + index] = -5 }
        for index in 0..<size { logits[3 * size + index] = index == 60 ? 1 : -.infinity }
        let ways = [
            SamplingCase(vocabularySize: size, temperature: 0),
            SamplingCase(vocabularySize: size),
            SamplingCase(vocabularySize: size, topK: 5, topP: 0.5, minP: 0.1),
        ]
        for way in ways {
            let rows = (0..<4).map { way.row(seed: 3, position: 0, logitsRow: $0) }
            let tokens = try sample(family, logits, vocabulary: size, rows, "\(family) \(way)")
            let nothing = KernelRecorder.noToken
            #expect(tokens[0] == nothing && tokens[1] == nothing, "\(family) \(way): \(tokens)")
            #expect([13, 77].contains(tokens[2]), "\(family) \(way): \(tokens)")
            #expect(tokens[3] == 60, "\(family) \(way): \(tokens)")
        }
    }

    @Test(arguments: KernelFamily.tested)
    func editedRowsAreReadFromWhereTheEditsAre(_ family: KernelFamily) throws {
        let bench = try Workbench.shared()
        let size = 100
        var raw = [Float](repeating: 0, count: 2 * size)
        raw[7] = 1
        raw[size + 8] = 1
        var changed = [Float](repeating: 0, count: 3 * size)
        changed[2 * size + 9] = 1
        var rows = [0, 2, 1].map { SamplingRow(logitsRow: $0) }
        rows[1].isEdited = 1
        let logits = try bench.activations(raw, columns: size, "logits")
        let edited = try bench.activations(changed, columns: size, "edited")
        let rowSlice = try bench.input(rows, "sampling rows")
        let tokens = try GuardedBuffer(bench, wordCount: 3, label: "tokens")
        try bench.run(family) {
            try $0.sample(
                logits,
                edited: edited,
                rows: rowSlice,
                sampleCount: 3,
                into: tokens.slice
            )
        }
        #expect(tokens.words(3, "\(family), edited") == [7, 9, 8])
    }

    private func sample(
        _ family: KernelFamily,
        _ logits: [Float],
        vocabulary: Int,
        _ rows: [SamplingRow],
        _ context: String
    ) throws -> [UInt32] {
        let bench = try Workbench.shared()
        let matrix = try bench.activations(logits, columns: vocabulary, "logits")
        let rowSlice = try bench.input(rows, "sampling rows")
        let tokens = try GuardedBuffer(bench, wordCount: rows.count, label: "tokens")
        try bench.run(family) {
            try $0.sample(matrix, rows: rowSlice, sampleCount: rows.count, into: tokens.slice)
        }
        return tokens.words(rows.count, context)
    }
}
