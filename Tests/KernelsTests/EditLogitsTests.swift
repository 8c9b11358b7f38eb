import Kernels
import ShaderParams
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct EditLogitsTests {
    /// One row's edits.
    private struct Row {
        var values = LogitEditRow()
        var mask: [UInt32]?
        var edits: [LogitEdit] = []
        var bans: [TokenBan] = []
        var newest: UInt32?
    }

    @Test(arguments: [1, 2, 31, 32, 33, 255, 257, 1000, 49_152], KernelFamily.tested)
    func everyRowIsEditedAsItSays(_ size: Int, _ family: KernelFamily) throws {
        let context = "\(family), vocabulary of \(size)"
        var generator = SeededGenerator(context)
        let logits = generator.floats(3 * size, scale: 20)
        let rows = (0..<7).map { index in
            randomRow(size, logitsRow: index % 3, editedRow: 6 - index, &generator)
        }
        try check(family, logits, size: size, rows, context)
    }

    /// The newest token counts once, whether the host has listed it or not, and whatever its place.
    @Test(arguments: KernelFamily.tested)
    func theNewestTokenIsCountedOnTheDevice(_ family: KernelFamily) throws {
        let size = 300
        let logits = (0..<size).map { Float($0 % 7) - 3 }
        for newest: UInt32 in [0, 5, 6, 299, .max] {
            var row = Row()
            row.values.repetitionPenalty = 1.7
            row.values.presencePenalty = 0.25
            row.values.frequencyPenalty = 0.5
            row.edits = [
                LogitEdit(token: 5, count: LogitEdit.seenFlag | 3, bias: 0),
                LogitEdit(token: 6, count: 0, bias: -1),
                LogitEdit(token: 7, count: LogitEdit.seenFlag, bias: 0),
            ]
            row.bans = [TokenBan(token: 9, after: 5), TokenBan(token: 10, after: 299)]
            row.newest = newest
            try check(family, logits, size: size, [row], "\(family), newest \(newest)")
        }
    }

    @Test(arguments: KernelFamily.tested)
    func whatIsNoNumberStaysAndExcludedTokensCannotComeBack(_ family: KernelFamily) throws {
        let size = 40
        var logits = [Float](repeating: 1, count: size)
        logits[3] = -.infinity
        var row = Row()
        row.values.repetitionPenalty = 0.5
        row.mask = [~(1 << 4), 0xFF]
        row.edits = [3, 4, 5].map { LogitEdit(token: $0, count: LogitEdit.seenFlag | 1, bias: 100) }
        row.bans = [TokenBan(token: 5, after: TokenBan.always)]
        try check(family, logits, size: size, [row], "\(family), excluded tokens")
    }

    @Test(arguments: KernelFamily.tested)
    func aRowWithoutEditsIsCopiedBitForBit(_ family: KernelFamily) throws {
        let bench = try Workbench.shared()
        var generator = SeededGenerator("copy")
        let logits = generator.floats(500, scale: 9)
        let edited = try run(family, bench, logits, size: 500, [Row()], "\(family), copy")
        expectSameBits(edited.map(\.bitPattern), logits.map(\.bitPattern), "\(family), copy")
    }

    private func randomRow(
        _ size: Int,
        logitsRow: Int,
        editedRow: Int,
        _ generator: inout SeededGenerator
    ) -> Row {
        var row = Row()
        row.values.logitsRow = UInt32(logitsRow)
        row.values.editedRow = UInt32(editedRow)
        row.values.repetitionPenalty = 1.5 + generator.float()
        row.values.presencePenalty = 2 * generator.float()
        row.values.frequencyPenalty = 2 * generator.float()
        if Bool.random(using: &generator) {
            row.mask = generator.words(KernelRecorder.maskWordCount(size))
        }
        let tokens = (0..<min(size, 900)).map { UInt32($0 * (size / min(size, 900))) }
        row.edits = tokens.shuffled(using: &generator)
            .prefix(Int.random(in: 0...tokens.count, using: &generator)).map { token in
                LogitEdit(
                    token: token,
                    count: [0, LogitEdit.seenFlag, LogitEdit.seenFlag | 5]
                        .randomElement(using: &generator) ?? 0,
                    bias: Bool.random(using: &generator) ? 5 * generator.float() : 0
                )
            }
        row.newest = Bool.random(using: &generator) ? tokens.randomElement(using: &generator) : nil
        row.bans = (0..<5).map { number in
            TokenBan(
                token: UInt32.random(in: 0..<UInt32(size), using: &generator),
                after: number < 2 ? TokenBan.always : row.newest ?? 3
            )
        }
        return row
    }

    private func check(
        _ family: KernelFamily,
        _ logits: [Float],
        size: Int,
        _ rows: [Row],
        _ context: String
    ) throws {
        let bench = try Workbench.shared()
        let edited = try run(family, bench, logits, size: size, rows, context)
        for row in rows {
            let source = Int(row.values.logitsRow) * size
            let expected = editLogitsReference(
                Array(logits[source..<source + size]),
                row.values,
                mask: row.mask,
                edits: row.edits,
                bans: row.bans,
                newest: row.newest
            )
            let first = Int(row.values.editedRow) * size
            for (index, value) in expected.enumerated() {
                let actual = Double(edited[first + index])
                let isClose = actual == value || abs(actual - value) < 1e-5 * max(1, abs(value))
                guard !isClose else { continue }
                Issue.record("\(context), token \(index): \(actual) instead of \(value)")
                return
            }
        }
    }

    private func run(
        _ family: KernelFamily,
        _ bench: Workbench,
        _ logits: [Float],
        size: Int,
        _ rows: [Row],
        _ context: String
    ) throws -> [Float] {
        var values: [LogitEditRow] = []
        var edits: [LogitEdit] = []
        var bans: [TokenBan] = []
        var masks: [UInt32] = []
        var sampled: [UInt32] = [0]
        for row in rows {
            var value = row.values
            value.maskRow = LogitEditRow.none
            value.newestRow = LogitEditRow.none
            if let mask = row.mask {
                value.maskRow = UInt32(masks.count / mask.count)
                masks += mask
            }
            if let newest = row.newest {
                value.newestRow = UInt32(sampled.count)
                sampled.append(newest)
            }
            value.firstEdit = UInt32(edits.count)
            value.editCount = UInt32(row.edits.count)
            value.firstBan = UInt32(bans.count)
            value.banCount = UInt32(row.bans.count)
            values.append(value)
            edits += row.edits
            bans += row.bans
        }
        let inputs = LogitEditInputs(
            rows: try bench.input(values, "edit rows"),
            edits: try bench.input(edits, "edits"),
            bans: try bench.input(bans, "bans"),
            masks: try bench.input(masks, "masks"),
            sampled: try bench.input(sampled, "sampled")
        )
        let matrix = try bench.activations(logits, columns: size, "logits")
        let edited = try GuardedMatrix(bench, rows: rows.count, columns: size, label: "edited")
        try bench.run(family) {
            try $0.editLogits(matrix, inputs, rowCount: rows.count, into: edited.matrix)
        }
        return edited.values(rows: rows.count, context)
    }
}
