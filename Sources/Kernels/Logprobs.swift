public import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// The most probable tokens whose logprobs a row may ask for.
    public static var maxTopLogprobCount: Int { 20 }

    /// Entries from one row's logprobs to the next one's: the token's own and the most probable.
    public static var logprobStride: Int { maxTopLogprobCount + 1 }

    /// entries[i] = the logprobs rows[i] asks for: of its token, then of the most probable ones.
    /// - Parameters:
    ///   - logits: [rows, vocabulary], raw.
    ///   - rows: LogprobRow[rowCount], of at most `maxTopLogprobCount` tokens each.
    ///   - tokens: uint[], what rows whose token has the top bit set point into.
    ///   - entries: Logprob[rowCount][logprobStride]; what a row does not ask for stays as it is.
    public mutating func logprobs(
        _ logits: ActivationMatrix,
        rows: BufferSlice,
        rowCount: Int,
        tokens: BufferSlice,
        into entries: BufferSlice
    ) throws(VulkanError) {
        let entryByteCount = MemoryLayout<Logprob>.stride * Self.logprobStride
        precondition(
            rows.byteCount >= MemoryLayout<LogprobRow>.stride * rowCount
                && entries.byteCount >= entryByteCount * rowCount,
            "logprobs: \(rowCount) rows"
        )
        let pipeline =
            switch library.family {
            case .cpu: try library.pipeline(.logprobs_subgroup, workgroupSize: library.subgroupSize)
            case .gpu:
                try library.pipeline(
                    .logprobs_workgroup,
                    workgroupSize: library.rowWorkgroupSize
                )
            }
        recording.dispatch(
            pipeline,
            LogprobsParams(
                logits: logits.slice.address,
                rows: rows.address,
                tokens: tokens.address,
                entries: entries.address,
                vocabularySize: UInt32(logits.columns),
                stride: UInt32(logits.columns),
                entryStride: UInt32(Self.logprobStride)
            ),
            groups: Workgroups(rowCount),
            reads: [logits.slice, rows, tokens],
            writes: [entries.slice(at: 0, byteCount: entryByteCount * rowCount)]
        )
    }
}

extension LogprobRow {
    /// In `token`: the low bits are a row of the step's samples.
    public static var sampledFlag: UInt32 { 1 << 31 }
}
