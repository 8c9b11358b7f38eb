/// Copies bytes from the host to the device: straight into memory the host can see, through a
/// staging buffer into memory it cannot.
public final class Uploader {
    private static let stagingByteCount = 32 << 20

    private let device: Device
    private let submitter: Submitter
    private var staging: Buffer?

    public init(_ device: Device) throws(VulkanError) {
        self.device = device
        submitter = try Submitter(device)
    }

    /// Copies values to the start of `slice`; they are there when it returns.
    public func upload<T: BitwiseCopyable>(
        _ values: [T],
        to slice: BufferSlice
    ) throws(VulkanError) {
        try upload(values.span.bytes, to: slice)
    }

    /// Copies bytes to the start of `slice`; they are there when it returns.
    public func upload(_ bytes: RawSpan, to slice: BufferSlice) throws(VulkanError) {
        if slice.buffer.isMapped {
            slice.write(bytes: bytes)
            return
        }
        if staging == nil {
            staging = try Buffer(
                device,
                byteCount: Self.stagingByteCount,
                use: .upload,
                label: "staging"
            )
        }
        guard let staging else { return }
        var start = 0
        while start < bytes.byteCount {
            let count = min(Self.stagingByteCount, bytes.byteCount - start)
            staging.whole.write(bytes: bytes.extracting(start..<start + count))
            var recording = Recording()
            recording.copy(
                from: staging.whole.slice(at: 0, byteCount: count),
                to: slice.slice(at: start, byteCount: count)
            )
            try submitter.run(recording)
            start += count
        }
    }
}
