import Kernels
public import ShaderParams
import Vulkan

/// How the logits of one of a step's samples are changed before its token is drawn, in the order of
/// `Shaders/edit_logits.comp`. All tokens are of the vocabulary.
public struct SampleEdit {
    /// The sample, as an index into the step's.
    public var sample: Int
    /// The tokens that may be drawn; nil for all.
    public var mask: TokenMask?
    /// The row in the step before whose sample is the sequence's newest token and not counted in
    /// `edits`; nil if every token is counted.
    public var newestRow: UInt32?
    /// No token twice.
    public var edits: [LogitEdit] = []
    public var bans: [TokenBan] = []
    public var repetitionPenalty: Float = 1
    public var presencePenalty: Float = 0
    public var frequencyPenalty: Float = 0

    public init(sample: Int) {
        self.sample = sample
    }

    /// The mask, where nothing else changes: the kernel that draws applies it by itself.
    var onlyMask: TokenMask? {
        let isOnly =
            edits.isEmpty && bans.isEmpty && repetitionPenalty == 1 && presencePenalty == 0
            && frequencyPenalty == 0
        return isOnly ? mask : nil
    }
}

/// A prompt position whose token's logprobs are wanted.
public struct PromptLogprobRow {
    /// The token before, whose logits they are, as an index into the step's tokens.
    public var index: UInt32
    public var token: UInt32
    public var topCount: UInt32

    public init(index: UInt32, token: UInt32, topCount: UInt32) {
        self.index = index
        self.token = token
        self.topCount = topCount
    }
}

/// What a step's sampling reads and writes beside its rows, where kernels find it.
struct SamplingInputs {
    /// LogitEditRow[sequences].
    let editRows: BufferSlice
    /// LogprobRow[sequences + tokens]: the samples', then the prompt's.
    let logprobRows: BufferSlice
    /// uint[tokens]: the tokens whose logits prompt logprobs are of.
    let promptRows: BufferSlice
    /// Logprob[sequences + tokens][`KernelRecorder.logprobStride`], written by the device.
    let logprobs: BufferSlice
    private let limits: StepLimits
    /// LogitEdit[] and TokenBan[]; they grow with the longest lists there were.
    private(set) var edits: BufferSlice
    private(set) var bans: BufferSlice

    init(_ device: Device, limits: StepLimits) throws(VulkanError) {
        func make(_ words: Int, _ use: MemoryUse, _ label: String) throws(VulkanError)
            -> BufferSlice
        {
            try Buffer(device, byteCount: 4 * words, use: use, label: label).whole
        }
        self.limits = limits
        let rows = limits.sequenceCount + limits.tokenCount
        editRows = try make(
            limits.sequenceCount * MemoryLayout<LogitEditRow>.stride / 4,
            .upload,
            "logit edit rows"
        )
        logprobRows = try make(
            rows * MemoryLayout<LogprobRow>.stride / 4,
            .upload,
            "logprob rows"
        )
        promptRows = try make(limits.tokenCount, .upload, "prompt rows")
        logprobs = try make(
            rows * KernelRecorder.logprobStride * MemoryLayout<Logprob>.stride / 4,
            .readback,
            "logprobs"
        )
        edits = try make(1024, .upload, "logit edits")
        bans = try make(256, .upload, "token bans")
    }

    /// Fills the buffers with how samples are edited. The device must not be reading them.
    /// - Parameter masks: brings the samples' masks to the device.
    mutating func write(
        _ samples: [SampleEdit],
        logitsRows: [UInt32],
        on device: Device,
        maskPlace: (TokenMask) throws(VulkanError) -> UInt32
    ) throws(VulkanError) {
        var rows: [LogitEditRow] = []
        var edits: [LogitEdit] = []
        var bans: [TokenBan] = []
        for (sample, logitsRow) in zip(samples, logitsRows) {
            var maskRow = LogitEditRow.none
            if let mask = sample.mask { maskRow = try maskPlace(mask) }
            rows.append(
                LogitEditRow(
                    logitsRow: logitsRow,
                    editedRow: UInt32(sample.sample),
                    maskRow: maskRow,
                    newestRow: sample.newestRow ?? LogitEditRow.none,
                    firstEdit: UInt32(edits.count),
                    editCount: UInt32(sample.edits.count),
                    firstBan: UInt32(bans.count),
                    banCount: UInt32(sample.bans.count),
                    repetitionPenalty: sample.repetitionPenalty,
                    presencePenalty: sample.presencePenalty,
                    frequencyPenalty: sample.frequencyPenalty
                )
            )
            edits += sample.edits
            bans += sample.bans
        }
        editRows.write(rows)
        self.edits = try Self.write(edits, to: self.edits, on: device)
        self.bans = try Self.write(bans, to: self.bans, on: device)
    }

    private static func write<Element: BitwiseCopyable>(
        _ values: [Element],
        to slice: BufferSlice,
        on device: Device
    ) throws(VulkanError) -> BufferSlice {
        let byteCount = values.count * MemoryLayout<Element>.stride
        var slice = slice
        if byteCount > slice.byteCount {
            slice = try Buffer(
                device,
                byteCount: max(byteCount, 2 * slice.byteCount),
                use: .upload,
                label: slice.buffer.label
            ).whole
        }
        slice.write(values)
        return slice
    }

    /// The rows of the prompt's logprobs, and where their entries go.
    func prompt(from first: Int, count: Int) -> (
        indices: BufferSlice, rows: BufferSlice, entries: BufferSlice
    ) {
        let rowSize = MemoryLayout<LogprobRow>.stride
        let row = limits.sequenceCount + first
        return (
            promptRows.slice(at: 4 * first, byteCount: 4 * count),
            logprobRows.slice(at: rowSize * row, byteCount: rowSize * count),
            logprobs.slice(at: Self.entriesSize * row, byteCount: Self.entriesSize * count)
        )
    }

    /// What the device has written for a row: its own token, then the most probable ones.
    func entries(ofRow row: Int) -> [Logprob] {
        logprobs.read(
            Logprob.self,
            at: row * KernelRecorder.logprobStride,
            count: KernelRecorder.logprobStride
        )
    }

    /// The same for the `index`-th prompt position.
    func entries(ofPrompt index: Int) -> [Logprob] {
        entries(ofRow: limits.sequenceCount + index)
    }

    private static var entriesSize: Int {
        KernelRecorder.logprobStride * MemoryLayout<Logprob>.stride
    }
}
