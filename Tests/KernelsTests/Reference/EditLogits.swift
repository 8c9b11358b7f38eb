import Kernels
import ShaderParams

/// What one row of logits becomes, token by token.
/// - Parameters:
///   - mask: a bit for each token that may be drawn; nil for all.
///   - edits: the row's own.
///   - bans: the row's own.
///   - newest: the newest token, if `edits` do not count it.
func editLogitsReference(
    _ logits: [Float],
    _ row: LogitEditRow,
    mask: [UInt32]?,
    edits: [LogitEdit],
    bans: [TokenBan],
    newest: UInt32?
) -> [Double] {
    logits.indices.map { index in
        let token = UInt32(index)
        if let mask, mask[index / 32] >> (token % 32) & 1 == 0 { return -.infinity }
        let isBanned = bans.contains {
            $0.token == token && ($0.after == TokenBan.always || $0.after == newest)
        }
        if isBanned { return -.infinity }
        let edit = edits.first { $0.token == token }
        let count = Int((edit?.count ?? 0) & ~LogitEdit.seenFlag) + (newest == token ? 1 : 0)
        let isSeen = newest == token || (edit?.count ?? 0) & LogitEdit.seenFlag != 0
        var x = Double(logits[index]) + Double(edit?.bias ?? 0)
        if isSeen {
            x = x > 0 ? x / Double(row.repetitionPenalty) : x * Double(row.repetitionPenalty)
        }
        return x - Double(row.frequencyPenalty) * Double(count)
            - (count > 0 ? Double(row.presencePenalty) : 0)
    }
}
