/// How many workgroups a dispatch runs.
public struct Workgroups: Sendable, Equatable {
    public var x: Int
    public var y: Int
    public var z: Int

    public init(_ x: Int, _ y: Int = 1, _ z: Int = 1) {
        self.x = x
        self.y = y
        self.z = z
    }
}

/// A list of commands for the device, as a plain value: it can be built, printed and checked
/// without submitting it.
///
/// Every command says what it reads and writes. Where one touches what an earlier one wrote, or
/// overwrites what an earlier one reads, a barrier is put between them; nowhere else.
public struct Recording {
    /// Bytes of push constants every Vulkan device guarantees.
    public static let maxParameterByteCount = 128

    /// One run of a kernel.
    public struct Dispatch {
        public let pipeline: Pipeline
        public let groups: Workgroups
        /// Where the parameters stand in the recording's parameter bytes.
        let parameters: Range<Int>
        let access: Access
    }

    /// What a command touches.
    struct Access {
        let reads: [BufferSlice]
        let writes: [BufferSlice]

        /// Whether running after `earlier` without a barrier could change the outcome.
        func conflicts(with earlier: Access) -> Bool {
            writes.contains { mine in
                earlier.writes.contains { mine.overlaps($0) }
                    || earlier.reads.contains { mine.overlaps($0) }
            } || reads.contains { mine in earlier.writes.contains { mine.overlaps($0) } }
        }
    }

    /// A command.
    public enum Command {
        case dispatch(Dispatch)
        case copy(from: BufferSlice, to: BufferSlice)
        case fill(BufferSlice, UInt32)
        /// Everything before it is done and visible to everything after it.
        case barrier
    }

    /// The commands so far, in order.
    public private(set) var commands: [Command] = []
    private(set) var parameterBytes: [UInt8] = []
    private var sinceBarrier: [Access] = []

    public init() {}

    /// How many kernels run.
    public var dispatchCount: Int {
        commands.count { if case .dispatch = $0 { true } else { false } }
    }

    /// Runs a kernel.
    /// - Parameters:
    ///   - parameters: the shader's push constants, a struct of `shader_params.h`.
    ///   - groups: workgroups; none of them may be zero or above the device's limits.
    ///   - reads: what the kernel reads.
    ///   - writes: what it writes, also if it reads it.
    public mutating func dispatch<Parameters: BitwiseCopyable>(
        _ pipeline: Pipeline,
        _ parameters: Parameters,
        groups: Workgroups,
        reads: [BufferSlice],
        writes: [BufferSlice]
    ) {
        let size = MemoryLayout<Parameters>.size
        precondition(
            size <= Self.maxParameterByteCount,
            "\(pipeline.name): \(size) bytes of parameters"
        )
        precondition(
            groups.x > 0 && groups.y > 0 && groups.z > 0,
            "\(pipeline.name): \(groups)"
        )
        let access = Access(reads: reads, writes: writes)
        separate(access)
        let start = parameterBytes.count
        withUnsafeBytes(of: parameters) { parameterBytes.append(contentsOf: $0) }
        commands.append(
            .dispatch(
                Dispatch(
                    pipeline: pipeline,
                    groups: groups,
                    parameters: start..<start + size,
                    access: access
                )
            )
        )
    }

    /// Copies bytes between slices of the same size.
    public mutating func copy(from source: BufferSlice, to destination: BufferSlice) {
        precondition(
            source.byteCount == destination.byteCount,
            "\(source.byteCount) bytes into \(destination.byteCount)"
        )
        separate(Access(reads: [source], writes: [destination]))
        commands.append(.copy(from: source, to: destination))
    }

    /// Fills a slice, whose offset and size are multiples of four bytes, with a word.
    public mutating func fill(_ slice: BufferSlice, with word: UInt32) {
        precondition(slice.offset % 4 == 0 && slice.byteCount % 4 == 0, "unaligned fill")
        separate(Access(reads: [], writes: [slice]))
        commands.append(.fill(slice, word))
    }

    /// A recording that never separates what conflicts, so that tests can see the checker find it.
    package init(omittingBarriers: Bool) {
        self.omitsBarriers = omittingBarriers
    }

    private var omitsBarriers = false

    private mutating func separate(_ access: Access) {
        if !omitsBarriers && sinceBarrier.contains(where: { access.conflicts(with: $0) }) {
            commands.append(.barrier)
            sinceBarrier.removeAll(keepingCapacity: true)
        }
        sinceBarrier.append(access)
    }
}

extension Recording.Command {
    /// What the command touches; nil for a barrier.
    var access: Recording.Access? {
        switch self {
        case .dispatch(let dispatch): dispatch.access
        case .copy(let source, let destination):
            Recording.Access(reads: [source], writes: [destination])
        case .fill(let slice, _): Recording.Access(reads: [], writes: [slice])
        case .barrier: nil
        }
    }
}

extension Recording: CustomStringConvertible {
    /// One line for each command.
    public var description: String {
        commands.map { command in
            switch command {
            case .dispatch(let dispatch):
                "\(dispatch.pipeline.name) \(dispatch.groups.x)x\(dispatch.groups.y)x"
                    + "\(dispatch.groups.z)"
            case .copy(let source, let destination):
                "copy \(source.buffer.label) -> \(destination.buffer.label), "
                    + "\(source.byteCount) bytes"
            case .fill(let slice, let word):
                "fill \(slice.buffer.label), \(slice.byteCount) bytes of \(word)"
            case .barrier: "barrier"
            }
        }.joined(separator: "\n")
    }
}
