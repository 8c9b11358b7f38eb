import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y = x, by a kernel: the ceiling of what is bound by memory.
    /// - Parameters:
    ///   - x: a multiple of 16 bytes, at a multiple of 16.
    ///   - y: as many bytes elsewhere.
    public mutating func copy(_ x: BufferSlice, into y: BufferSlice) throws(VulkanError) {
        precondition(
            x.byteCount == y.byteCount && x.byteCount % 16 == 0 && x.byteCount > 0
                && x.address % 16 == 0 && y.address % 16 == 0,
            "copy: \(x.byteCount) bytes into \(y.byteCount)"
        )
        let quadCount = x.byteCount / 16
        let quads = 4
        let workgroupSize = library.rowWorkgroupSize
        let pipeline = try library.pipeline(
            .copy,
            workgroupSize: workgroupSize,
            UInt32(quads)
        )
        recording.dispatch(
            pipeline,
            CopyParams(x: x.address, y: y.address, quadCount: UInt32(quadCount)),
            groups: Workgroups(groups(quadCount, of: workgroupSize * quads)),
            reads: [x],
            writes: [y]
        )
    }
}
