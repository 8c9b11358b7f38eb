import CVulkan

/// One of the memories a device can reach.
public struct MemoryHeap: Sendable, Equatable {
    public let byteCount: Int
    /// Whether it is the device's own, or as near to it.
    public let isDeviceLocal: Bool
    /// Bytes the driver lets this process use there now; nil where it does not say
    /// (VK_EXT_memory_budget).
    public let availableByteCount: Int?
}

extension PhysicalDevice {
    /// The device's memories, in the driver's order.
    public var memoryHeaps: [MemoryHeap] {
        let chain = StructChain()
        let head = chain.append(
            VkPhysicalDeviceMemoryProperties2.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2
        )
        let budget =
            properties.extensions.contains("VK_EXT_memory_budget")
            ? chain.append(
                VkPhysicalDeviceMemoryBudgetPropertiesEXT.self,
                VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT
            ) : nil
        instance.api.GetPhysicalDeviceMemoryProperties2(handle, head)
        let memory = head.pointee.memoryProperties
        let heaps = withUnsafeBytes(of: memory.memoryHeaps) {
            Array($0.bindMemory(to: VkMemoryHeap.self).prefix(Int(memory.memoryHeapCount)))
        }
        let local = VK_MEMORY_HEAP_DEVICE_LOCAL_BIT.rawValue
        return heaps.enumerated().map { index, heap in
            MemoryHeap(
                byteCount: Int(clamping: heap.size),
                isDeviceLocal: heap.flags & local != 0,
                availableByteCount: budget.map { budget in
                    let limit = Self.element(index, of: budget.pointee.heapBudget)
                    let usage = Self.element(index, of: budget.pointee.heapUsage)
                    return Int(clamping: min(limit > usage ? limit - usage : 0, heap.size))
                }
            )
        }
    }

    /// An element of a C array, which Swift sees as a tuple.
    private static func element<T>(_ index: Int, of tuple: T) -> UInt64 {
        withUnsafeBytes(of: tuple) { $0.bindMemory(to: UInt64.self)[index] }
    }
}
