import Kernels
public import ShaderParams
import Vulkan

/// What a step computes, as flat arrays: the batch of all tokens, whatever mix of prompt chunks and
/// single tokens it is.
public struct StepBatch {
    /// Marks a token the host has not seen: the low bits are its row in the step before.
    public static let sampledFlag: UInt32 = 1 << 31

    /// One sequence's run of tokens.
    public struct Run {
        public var firstToken: Int
        public var tokenCount: Int
        public var blockTable: [UInt32]
        /// The slot of its adapter in the model's pool; nil for none.
        public var adapter: Int?

        public init(
            firstToken: Int,
            tokenCount: Int,
            blockTable: [UInt32],
            adapter: Int? = nil
        ) {
            self.firstToken = firstToken
            self.tokenCount = tokenCount
            self.blockTable = blockTable
            self.adapter = adapter
        }
    }

    /// Token ids, or `sampledFlag` and a row.
    public var tokens: [UInt32] = []
    public var positions: [UInt32] = []
    /// Block * blockSize + offset.
    public var slotMapping: [UInt32] = []
    public var runs: [Run] = []
    /// Tokens of the batch whose logits are wanted.
    public var logitsRows: [UInt32] = []
    /// Tokens to draw; `logitsRow` indexes `logitsRows`.
    public var samples: [SamplingRow] = []
    /// How logits change before tokens are drawn from them, for the samples that have it so.
    public var edits: [SampleEdit] = []
    /// Logprobs wanted of samples, at most one row each; a sample's own token is its index with
    /// `LogprobRow.sampledFlag`.
    public var logprobs: [LogprobRow] = []
    /// Logprobs wanted of the prompt's tokens.
    public var promptLogprobs: [PromptLogprobRow] = []
    /// Tokens of the batch whose last hidden states are wanted.
    public var hiddenRows: [UInt32] = []
    /// Blocks to copy before anything is computed.
    public var copies: [(source: Int, destination: Int)] = []
    /// Steps of the draft model that run before: the first computes all tokens of this step that
    /// are no guesses, each of the others the guesses of the one before it. What they draw is in
    /// the rows after the step before's, from `StepLimits.sequenceCount` on, step after step.
    public var draftSteps: [StepBatch] = []

    public init() {}
}

extension StepBatch {
    /// The samples as the device takes them: those with edits draw from the edited row of their own
    /// index, those with nothing but a mask from their own logits.
    /// - Parameter maskPlace: brings a mask to the device.
    func samplingRows(
        maskPlace: (TokenMask) throws(VulkanError) -> UInt32
    ) throws(VulkanError) -> [SamplingRow] {
        var rows = samples
        for edit in edits {
            if let mask = edit.onlyMask {
                rows[edit.sample].maskRow = try maskPlace(mask) + 1
            } else {
                rows[edit.sample].logitsRow = UInt32(edit.sample)
                rows[edit.sample].isEdited = 1
            }
        }
        return rows
    }
}

/// The largest step there can be: sizes every per-step buffer, once.
public struct StepLimits: Sendable {
    public var tokenCount: Int
    public var sequenceCount: Int
    /// Blocks of the longest sequence.
    public var blockTableCount: Int

    public init(tokenCount: Int, sequenceCount: Int, blockTableCount: Int) {
        self.tokenCount = tokenCount
        self.sequenceCount = sequenceCount
        self.blockTableCount = blockTableCount
    }

    /// Rows of partial results of attention: 16 MB, or what the longest sequence needs if that is
    /// more. Where they are taken, a further sequence's keys are walked by one workgroup a head.
    func partialRowCapacity(_ shape: AttentionShape) -> Int {
        let splits = (blockTableCount * shape.blockSize + Int(SPLIT_KEYS) - 1) / Int(SPLIT_KEYS)
        return max(
            (16 << 20) / AttentionBatch.partialByteCount(headSize: shape.headSize),
            2 * splits * shape.headCount
        )
    }

    func partialByteCount(_ shape: AttentionShape) -> Int {
        partialRowCapacity(shape) * AttentionBatch.partialByteCount(headSize: shape.headSize)
    }
}

/// A step's arrays in one host-visible buffer, where kernels find them.
public struct StepInputs {
    let tokens: BufferSlice
    let positions: BufferSlice
    let slotMapping: BufferSlice
    let tiles: BufferSlice
    let blockTables: BufferSlice
    let logitsRows: BufferSlice
    let samples: BufferSlice
    let tiling: AttentionTiling
    /// Filled by `write`.
    private(set) var tokenCount = 0
    private(set) var plan: AttentionPlan
    private(set) var logitsRowCount = 0
    private(set) var sampleCount = 0

    init(
        _ device: Device,
        limits: StepLimits,
        tiling: AttentionTiling
    ) throws(VulkanError) {
        self.tiling = tiling
        plan = AttentionPlan([], tiling)
        let tileCapacity = tiling.tileCapacity(
            tokenCount: limits.tokenCount,
            sequenceCount: limits.sequenceCount
        )
        let words = [
            limits.tokenCount, limits.tokenCount, limits.tokenCount,
            tileCapacity * MemoryLayout<AttentionTile>.stride / 4,
            limits.sequenceCount * limits.blockTableCount,
            limits.sequenceCount,
            limits.sequenceCount * MemoryLayout<SamplingRow>.stride / 4,
        ]
        let sizes = words.map { ($0 * 4 + 255) & ~255 }
        let buffer = try Buffer(
            device,
            byteCount: sizes.reduce(0, +),
            use: .upload,
            label: "step inputs"
        )
        var start = 0
        var slices: [BufferSlice] = []
        for size in sizes {
            slices.append(BufferSlice(buffer: buffer, offset: start, byteCount: size))
            start += size
        }
        tokens = slices[0]
        positions = slices[1]
        slotMapping = slices[2]
        tiles = slices[3]
        blockTables = slices[4]
        logitsRows = slices[5]
        samples = slices[6]
    }

    /// Fills the buffer. The device must not be reading it.
    /// - Parameter samplingRows: the batch's samples as the device takes them.
    mutating func write(_ batch: StepBatch, samplingRows: [SamplingRow]) {
        var tables: [UInt32] = []
        let runs = batch.runs.map { run in
            defer { tables += run.blockTable }
            return AttentionPlan.Run(
                firstToken: run.firstToken,
                tokenCount: run.tokenCount,
                contextLength: Int(batch.positions[run.firstToken + run.tokenCount - 1]) + 1,
                blockTableStart: tables.count
            )
        }
        plan = AttentionPlan(runs, tiling)
        tokens.write(batch.tokens)
        positions.write(batch.positions)
        slotMapping.write(batch.slotMapping)
        tiles.write(plan.tiles)
        blockTables.write(tables)
        logitsRows.write(batch.logitsRows)
        samples.write(samplingRows)
        tokenCount = batch.tokens.count
        logitsRowCount = batch.logitsRows.count
        sampleCount = batch.samples.count
    }
}
