import Kernels
import Vulkan

/// How many KV blocks to make room for.
struct KVCachePlan {
    let blockByteCount: Int
    let requested: Int?
    /// Whether the greatest length was asked for, and so may not be lowered.
    let lengthIsRequested: Bool
    let blockSize: Int
    /// Bytes the device still has for us.
    let availableByteCount: Int
    /// Blocks beyond which no step could use more.
    let usefulBlockCount: Int
    /// Blocks of one sequence of the greatest length.
    let blocksPerSequence: Int

    /// On CPU drivers the device's memory is the host's, which others need too.
    static let maxHostByteCount = 2 << 30

    init(
        _ configuration: ModelConfiguration,
        shape: AttentionShape,
        options: ModelOptions,
        maxModelLength: Int,
        device: Device
    ) {
        blockByteCount = KVCache.blockByteCount(shape: shape, layerCount: configuration.layerCount)
        requested = options.blockCount
        lengthIsRequested = options.maxModelLength != nil
        blockSize = options.blockSize
        let budget = device.memoryBudget
        let share = Int(Double(budget.totalByteCount) * options.memoryUtilization)
        let free = min(share, budget.availableByteCount) - device.allocatedByteCount
        availableByteCount = device.properties.isCPU ? min(free, Self.maxHostByteCount) : free
        blocksPerSequence = (maxModelLength + options.blockSize - 1) / options.blockSize
        usefulBlockCount = blocksPerSequence * options.sequenceCount
    }

    /// - Throws: `outOfMemory` if not even one block fits.
    func blockCount() throws(VulkanError) -> Int {
        if let requested { return requested }
        let fitting = min(availableByteCount / blockByteCount, usefulBlockCount)
        guard fitting > 0 else {
            throw .outOfMemory(label: "KV cache", byteCount: blockByteCount)
        }
        return fitting
    }

    /// The most tokens a sequence may hold in a pool of `blockCount` blocks: one sequence must be
    /// able to finish with the pool to itself.
    /// - Throws: `lengthDoesNotFit` if a length that was asked for is more than that.
    func fittingLength(_ length: Int, blockCount: Int) throws(ModelError) -> Int {
        let capacity = blockCount * blockSize
        guard length > capacity else { return length }
        guard !lengthIsRequested else {
            throw .lengthDoesNotFit(length: length, capacity: capacity, blockCount: blockCount)
        }
        return capacity
    }
}
