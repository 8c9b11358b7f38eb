import Checkpoints
import Foundation
import Kernels

/// An adapter (LoRA, Hu et al. 2021) as its files say it, checked against a model: what it adds to
/// each of the model's matrices, on the host.
public struct LoRAAdapter: Sendable {
    /// What it adds to a matrix: b a x.
    struct Change: Sendable {
        /// A multiple of eight; rows past the adapter's own are zeros.
        let rank: Int
        /// As `LoRAStack.interleaved` puts it; the adapter's scale is within b.
        let a: [Float]
        let b: [Float]
    }

    /// The file or folder it is from.
    public let path: String
    /// The greatest rank of its changes.
    public private(set) var rank = 0
    /// By GGUF's names of the matrices, without `.weight`.
    private(set) var changes: [String: Change] = [:]

    /// Reads a folder that PEFT wrote, or a GGUF file.
    /// - Parameter maxRank: the greatest rank there is room for.
    /// - Throws: `AdapterError`, which says what to do.
    public init(path: String, _ targets: AdapterTargets, maxRank: Int) throws(AdapterError) {
        let files = FileManager.default
        guard files.fileExists(atPath: path) else {
            throw .notFound(path: path, detail: "there is no such file or folder")
        }
        // Only a folder has a file of this name.
        if files.fileExists(atPath: path + "/.") {
            self = try PEFTFolder(path: path, targets).adapter(maxRank: maxRank)
        } else {
            self = try GGUFAdapter(path: path, targets).adapter(maxRank: maxRank)
        }
    }

    /// An adapter that changes nothing yet.
    init(path: String) {
        self.path = path
    }

    /// Adds a change, once shapes and numbers are right.
    /// - Parameters:
    ///   - name: GGUF's name of the matrix.
    ///   - label: the adapter's own word for it, for messages.
    ///   - convention: whose order of rows b has.
    mutating func add(
        _ name: String,
        label: String,
        _ factors: LowRankFactors,
        _ convention: CheckpointConvention,
        _ targets: AdapterTargets,
        maxRank: Int
    ) throws(AdapterError) {
        guard let target = targets.find(name) else {
            throw .unsupportedTarget(path: path, name: label, supported: targets.supported)
        }
        let (rows, columns) = (target.matrix.rows, target.columns)
        let rank = factors.rank
        guard (1...maxRank).contains(rank) else {
            throw .rankTooHigh(path: path, rank: rank, limit: maxRank)
        }
        for (info, expected) in [(factors.a, [rank, columns]), (factors.b, [rows, rank])]
        where info.shape != expected {
            throw .wrongShape(path: path, name: info.name, found: info.shape, expected: expected)
        }
        let stored = AdapterLimits.storedRank(rank)
        let a = try factors.values(factors.a)
        let b = try factors.values(factors.b)
        var padded = [Float](repeating: 0, count: rows * stored)
        for row in 0..<rows {
            let source = Self.row(
                row,
                rows: rows,
                heads: convention == targets.convention ? nil : target.matrix.permutedHeads,
                isFromHub: convention == .hub
            )
            for column in 0..<rank {
                padded[row * stored + column] = b[source * rank + column] * factors.scale
            }
        }
        let full = a + [Float](repeating: 0, count: (stored - rank) * columns)
        changes[name] = Change(
            rank: stored,
            a: LoRAStack.interleaved(full, rows: stored, columns: columns),
            b: LoRAStack.interleaved(padded, rows: rows, columns: stored)
        )
        self.rank = max(self.rank, rank)
    }

    /// Which of the adapter's rows belongs to a row of the model: GGUF files have the halves of
    /// some heads, which RoPE rotates together, as neighbours.
    private static func row(_ row: Int, rows: Int, heads: Int?, isFromHub: Bool) -> Int {
        guard let heads else { return row }
        let size = rows / heads
        let (head, place) = row.quotientAndRemainder(dividingBy: size)
        let half = size / 2
        return head * size
            + (isFromHub ? place % 2 * half + place / 2 : place % half * 2 + place / half)
    }
}

/// Two factors in a file, and what their product is multiplied by.
struct LowRankFactors {
    let file: any Checkpoint
    /// [rank, columns].
    let a: TensorInfo
    /// [rows, rank].
    let b: TensorInfo
    let scale: Float

    /// What the shape of a says; 0 if it is no matrix.
    var rank: Int { a.shape.count == 2 ? a.shape[0] : 0 }

    /// A factor's numbers.
    func values(_ tensor: TensorInfo) throws(AdapterError) -> [Float] {
        var values: [Float] = []
        do {
            try file.withBytes(of: tensor) { bytes in
                try tensor.dataType.dequantize(bytes, into: &values)
            }
        } catch {
            throw .unsupported(
                path: file.path,
                feature: "`\(tensor.name)` in \(tensor.dataType)"
            )
        }
        guard values.allSatisfy(\.isFinite) else {
            throw .malformed(
                path: file.path,
                detail: "`\(tensor.name)` has a number that is not finite"
            )
        }
        return values
    }
}
