import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// tokens[i] = a token drawn from logits[rows[i].logitsRow] as rows[i] says; `noToken` where no
    /// logit is a number.
    /// - Parameters:
    ///   - logits: [rows, vocabulary].
    ///   - edited: the same, for rows that are `isEdited`; nil if there are none.
    ///   - rows: SamplingRow[sampleCount].
    ///   - masks: uint[][maskWordCount(vocabulary)], a bit for each token that may be drawn, for
    ///     rows with a `maskRow`; nil if there are none.
    ///   - tokens: uint[sampleCount].
    public mutating func sample(
        _ logits: ActivationMatrix,
        edited: ActivationMatrix? = nil,
        rows: BufferSlice,
        masks: BufferSlice? = nil,
        sampleCount: Int,
        into tokens: BufferSlice
    ) throws(VulkanError) {
        precondition(
            tokens.byteCount >= 4 * sampleCount
                && rows.byteCount >= MemoryLayout<SamplingRow>.stride * sampleCount,
            "sample: \(sampleCount) samples"
        )
        let pipeline =
            switch library.family {
            case .cpu:
                try library.pipeline(
                    .sample_subgroup,
                    workgroupSize: library.subgroupSize,
                    masks == nil ? 0 : 1
                )
            case .gpu:
                try library.pipeline(
                    .sample_workgroup,
                    workgroupSize: library.rowWorkgroupSize,
                    masks == nil ? 0 : 1
                )
            }
        recording.dispatch(
            pipeline,
            SampleParams(
                logits: logits.slice.address,
                edited: edited?.slice.address ?? 0,
                rows: rows.address,
                masks: masks?.address ?? 0,
                tokens: tokens.address,
                vocabularySize: UInt32(logits.columns),
                stride: UInt32(logits.columns),
                maskStride: UInt32(Self.maskWordCount(logits.columns))
            ),
            groups: Workgroups(sampleCount),
            reads: [logits.slice, rows] + [edited?.slice, masks].compactMap(\.self),
            writes: [tokens.slice(at: 0, byteCount: 4 * sampleCount)]
        )
    }

    /// What `sample` answers where it finds no number among the logits.
    public static var noToken: UInt32 { .max }
}
