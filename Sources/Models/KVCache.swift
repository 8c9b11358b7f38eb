public import Kernels
public import Vulkan

/// The keys and values of all sequences, in blocks, layer by layer.
///
/// Each layer is tile[block][kvHead][k, v], a tile holding the keys, or the values, of one block
/// and head in the shape's `KVFormat`; a block id is an index into every layer alike.
public struct KVCache {
    public let blockCount: Int
    public let shape: AttentionShape
    let layers: [BufferSlice]

    /// Bytes a block takes in all layers.
    public static func blockByteCount(shape: AttentionShape, layerCount: Int) -> Int {
        shape.blockByteCount * layerCount
    }

    /// Allocates the pool; none at all for no blocks.
    /// - Throws: `outOfMemory` if the device has no room for it.
    public init(
        _ device: Device,
        shape: AttentionShape,
        layerCount: Int,
        blockCount: Int
    ) throws(VulkanError) {
        self.shape = shape
        self.blockCount = blockCount
        var layers: [BufferSlice] = []
        for layer in 0..<layerCount where blockCount > 0 {
            let buffer = try Buffer(
                device,
                byteCount: shape.blockByteCount * blockCount,
                use: .device,
                label: "kv.\(layer)"
            )
            layers.append(buffer.whole)
        }
        self.layers = layers
    }

    /// Copies whole blocks, all layers.
    func copy(
        _ pairs: [(source: Int, destination: Int)],
        into recording: inout Recording
    ) {
        let size = shape.blockByteCount
        for layer in layers {
            for pair in pairs {
                recording.copy(
                    from: layer.slice(at: pair.source * size, byteCount: size),
                    to: layer.slice(at: pair.destination * size, byteCount: size)
                )
            }
        }
    }
}
