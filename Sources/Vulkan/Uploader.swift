/// Brings bytes from the host to the device: straight into memory the host can see, through a small
/// ring of staging buffers, and the device's queue for copies, into memory it cannot.
///
/// What was uploaded is there for every later submission once `finish` has returned.
public final class Uploader {
    /// The most bytes of one upload.
    public static let maxByteCount = 8 << 20
    /// Staging buffers: one is filled while others are copied.
    static let ringSize = 3

    private let device: Device
    private let submitter: Submitter
    private let stagesAlways: Bool
    private var ring: [Staging] = []
    private var uploadCount = 0
    /// The last copies that `finish` has not waited for.
    private var last: Submission?

    /// A staging buffer in turn.
    private struct Staging {
        let buffer: Buffer
        var submission: Submission?
    }

    /// - Parameter stagesAlways: whether mapped memory is written through staging buffers too, as
    ///   on a card of its own; for tests.
    public init(_ device: Device, stagesAlways: Bool = false) throws(VulkanError) {
        self.device = device
        self.stagesAlways = stagesAlways
        submitter = try Submitter(device, copiesOnly: true)
    }

    /// Whether the host writes `slice` itself, with no copy in between.
    public func writesDirectly(_ slice: BufferSlice) -> Bool {
        slice.buffer.isMapped && !stagesAlways
    }

    /// Copies values to the start of `slice`.
    public func upload<T: BitwiseCopyable>(
        _ values: [T],
        to slice: BufferSlice
    ) throws(VulkanError) {
        if writesDirectly(slice) {
            slice.write(values)
            return
        }
        let size = MemoryLayout<T>.stride
        let most = Self.maxByteCount / size
        for first in stride(from: 0, to: values.count, by: most) {
            let part = Array(values[first..<min(first + most, values.count)])
            let count = part.count * size
            let staging = try nextStaging()
            staging.write(part)
            try copy(
                [0..<count],
                of: staging,
                to: [slice.slice(at: first * size, byteCount: count)]
            )
        }
    }

    /// Lets `fill` write bytes into a staging buffer, then copies `ranges` of them to `slices`, of
    /// the same sizes.
    public func stage(
        _ ranges: [Range<Int>],
        to slices: [BufferSlice],
        _ fill: (inout MutableRawSpan) throws -> Void
    ) throws {
        let staging = try nextStaging()
        try staging.withMappedBytes { bytes in try fill(&bytes) }
        try copy(ranges, of: staging, to: slices)
    }

    /// Waits until everything uploaded is on the device, and seen by its kernels.
    public func finish() throws(VulkanError) {
        guard let last else { return }
        // An empty submission waits for the copies: only so are they visible on another queue.
        let kernels = try Submitter(device)
        try kernels.wait(kernels.submit(Recording(), after: (submitter, last)))
        self.last = nil
    }

    /// The buffer whose turn it is, once the device no longer reads it.
    private func nextStaging() throws(VulkanError) -> BufferSlice {
        let index = uploadCount % Self.ringSize
        if index == ring.count {
            let buffer = try Buffer(
                device,
                byteCount: Self.maxByteCount,
                use: .upload,
                label: "staging"
            )
            ring.append(Staging(buffer: buffer))
            return buffer.whole
        }
        let staging = ring[index]
        if let submission = staging.submission { try submitter.wait(submission) }
        return staging.buffer.whole
    }

    private func copy(
        _ ranges: [Range<Int>],
        of staging: BufferSlice,
        to slices: [BufferSlice]
    ) throws(VulkanError) {
        var recording = Recording()
        for (range, slice) in zip(ranges, slices) where !range.isEmpty {
            recording.copy(
                from: staging.slice(at: range.lowerBound, byteCount: range.count),
                to: slice
            )
        }
        let submission = try submitter.submit(recording)
        ring[uploadCount % Self.ringSize].submission = submission
        last = submission
        uploadCount += 1
    }
}
