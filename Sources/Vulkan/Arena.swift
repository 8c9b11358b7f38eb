/// Hands out pieces of a few large buffers, one after the other; nothing is given back singly.
///
/// Drivers limit both the number of allocations and the size of one, so weights and caches come
/// from slabs.
public final class Arena {
    /// Every piece starts at a multiple of this, enough for any vector load.
    public static let alignment = 256

    private let device: Device
    private let use: MemoryUse
    private let label: String
    private let slabByteCount: Int
    private var slab: Buffer?
    private var used = 0

    /// - Parameter slabByteCount: the size of a slab; larger pieces get one of their own.
    public init(_ device: Device, use: MemoryUse, label: String, slabByteCount: Int = 256 << 20) {
        self.device = device
        self.use = use
        self.label = label
        self.slabByteCount = min(slabByteCount, device.properties.maxAllocationByteCount)
    }

    /// A piece of `byteCount` bytes.
    /// - Throws: `outOfMemory`, also for a piece larger than the device's largest allocation.
    public func allocate(byteCount: Int, label pieceLabel: String) throws(VulkanError)
        -> BufferSlice
    {
        guard byteCount <= device.properties.maxAllocationByteCount else {
            throw .outOfMemory(label: "\(label).\(pieceLabel)", byteCount: byteCount)
        }
        let size = (byteCount + Self.alignment - 1) / Self.alignment * Self.alignment
        if size > slabByteCount / 2 {
            let own = try Buffer(
                device,
                byteCount: size,
                use: use,
                label: "\(label).\(pieceLabel)"
            )
            return own.whole.slice(at: 0, byteCount: byteCount)
        }
        if slab == nil || used + size > slabByteCount {
            slab = try Buffer(device, byteCount: slabByteCount, use: use, label: label)
            used = 0
        }
        guard let slab else { throw .outOfMemory(label: label, byteCount: slabByteCount) }
        defer { used += size }
        return BufferSlice(buffer: slab, offset: used, byteCount: byteCount)
    }
}
