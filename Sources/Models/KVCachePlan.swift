import Kernels
import Vulkan

/// How many KV blocks to make room for.
struct KVCachePlan {
    /// A device, or the parts of a model that share one.
    struct Place {
        let name: String
        /// Bytes of a block in the layers there, and in those of a draft model.
        let blockByteCount: Int
        /// Bytes the device still has for us.
        let availableByteCount: Int
    }

    let places: [Place]
    let requested: Int?
    /// Whether the greatest length was asked for, and so may not be lowered.
    let lengthIsRequested: Bool
    let blockSize: Int
    /// Blocks beyond which no step could use more.
    let usefulBlockCount: Int
    /// Blocks of one sequence of the greatest length.
    let blocksPerSequence: Int

    /// On CPU drivers the device's memory is the host's, which others need too.
    static let maxHostByteCount = 2 << 30

    /// - Parameter reservedByteCount: what each device keeps free for adapters that will come.
    init(
        _ parts: [LoadedLayers],
        options: ModelOptions,
        maxModelLength: Int,
        reservedByteCount: Int
    ) {
        requested = options.blockCount
        lengthIsRequested = options.maxModelLength != nil
        blockSize = options.blockSize
        let devices = parts.map(\.library.device)
        places = devices.indices.compactMap { index in
            let device = devices[index]
            let sharing = devices.indices.filter { devices[$0].sharesHardware(with: device) }
            guard sharing.first == index else { return nil }
            let room = device.roomByteCount(options) - reservedByteCount
            let free = sharing.reduce(room) {
                $0 - devices[$1].allocatedByteCount
            }
            return Place(
                name: device.properties.name,
                blockByteCount: sharing.reduce(options.draftBlockByteCount) { sum, index in
                    let decoder = parts[index].decoder
                    return sum
                        + KVCache.blockByteCount(
                            shape: decoder.shape,
                            layerCount: decoder.layerRange.count
                        )
                },
                availableByteCount: device.properties.isCPU
                    ? min(free, Self.maxHostByteCount) : free
            )
        }
        blocksPerSequence = (maxModelLength + options.blockSize - 1) / options.blockSize
        usefulBlockCount = blocksPerSequence * options.sequenceCount
    }

    /// - Throws: `outOfMemory` if not even one block fits.
    func blockCount() throws(VulkanError) -> Int {
        if let requested { return requested }
        // Blocks are the same on every device, so the fullest one decides.
        var fitting = usefulBlockCount
        for place in places {
            fitting = min(fitting, place.availableByteCount / place.blockByteCount)
            guard fitting > 0 else {
                let label = places.count == 1 ? "KV cache" : "KV cache on \(place.name)"
                throw .outOfMemory(label: label, byteCount: place.blockByteCount)
            }
        }
        return fitting
    }

    /// The most tokens a sequence may hold in a pool of `blockCount` blocks: one sequence must be
    /// able to finish with the pool to itself. A pool that is yet to be made bounds nothing.
    /// - Throws: `lengthDoesNotFit` if a length that was asked for is more than that.
    func fittingLength(_ length: Int, blockCount: Int) throws(ModelError) -> Int {
        let capacity = blockCount * blockSize
        guard length > capacity, blockCount > 0 else { return length }
        guard !lengthIsRequested else {
            throw .lengthDoesNotFit(length: length, capacity: capacity, blockCount: blockCount)
        }
        return capacity
    }
}
