public import ShaderParams
public import Vulkan

/// What `editLogits` reads beside the logits.
public struct LogitEditInputs {
    /// LogitEditRow[].
    public var rows: BufferSlice
    /// LogitEdit[].
    public var edits: BufferSlice
    /// TokenBan[].
    public var bans: BufferSlice
    /// uint[][maskWordCount(vocabulary)]: a bit for each token that may be drawn.
    public var masks: BufferSlice
    /// uint[], the previous step's samples.
    public var sampled: BufferSlice

    public init(
        rows: BufferSlice,
        edits: BufferSlice,
        bans: BufferSlice,
        masks: BufferSlice,
        sampled: BufferSlice
    ) {
        self.rows = rows
        self.edits = edits
        self.bans = bans
        self.masks = masks
        self.sampled = sampled
    }
}

extension KernelRecorder {
    /// edited[rows[i].editedRow] = logits[rows[i].logitsRow], edited as rows[i] says.
    /// - Parameters:
    ///   - logits: [rows, vocabulary].
    ///   - inputs: what they say of tokens must be of the vocabulary; no row edits a token twice.
    ///   - edited: [rows, vocabulary], other memory than the logits'.
    public mutating func editLogits(
        _ logits: ActivationMatrix,
        _ inputs: LogitEditInputs,
        rowCount: Int,
        into edited: ActivationMatrix
    ) throws(VulkanError) {
        precondition(
            logits.columns == edited.columns && rowCount <= edited.rowCapacity
                && inputs.rows.byteCount >= MemoryLayout<LogitEditRow>.stride * rowCount,
            "edit_logits: \(rowCount) rows of \(logits.columns) into \(edited.columns)"
        )
        let pipeline =
            switch library.family {
            case .cpu:
                try library.pipeline(
                    .edit_logits_subgroup,
                    workgroupSize: library.subgroupSize
                )
            case .gpu:
                try library.pipeline(
                    .edit_logits_workgroup,
                    workgroupSize: library.rowWorkgroupSize
                )
            }
        recording.dispatch(
            pipeline,
            EditLogitsParams(
                logits: logits.slice.address,
                edited: edited.slice.address,
                rows: inputs.rows.address,
                edits: inputs.edits.address,
                bans: inputs.bans.address,
                masks: inputs.masks.address,
                sampled: inputs.sampled.address,
                vocabularySize: UInt32(logits.columns),
                stride: UInt32(logits.columns),
                maskStride: UInt32(Self.maskWordCount(logits.columns))
            ),
            groups: Workgroups(rowCount),
            reads: [
                logits.slice, inputs.rows, inputs.edits, inputs.bans, inputs.masks, inputs.sampled,
            ],
            writes: [edited.slice]
        )
    }

    /// Words of a mask over a vocabulary.
    public static func maskWordCount(_ vocabularySize: Int) -> Int { (vocabularySize + 31) / 32 }
}

extension LogitEditRow {
    /// In place of an index: there is none.
    public static var none: UInt32 { .max }
}

extension LogitEdit {
    /// In `count`: the token is in the prompt or the output.
    public static var seenFlag: UInt32 { 1 << 31 }
}

extension TokenBan {
    /// In `after`: the ban holds whatever came before.
    public static var always: UInt32 { .max }
}
