import CVulkan

/// A queue of a device.
struct Queue {
    let handle: VkQueue
    let family: UInt32
    /// Whether it does nothing but copy: it runs no kernels and takes no times.
    let isTransfer: Bool

    /// Where in the pipeline its commands run.
    var stages: VkPipelineStageFlags {
        isTransfer
            ? VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue
            : VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT.rawValue
                | VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue
    }

    /// What its commands write.
    var writes: VkAccessFlags {
        isTransfer
            ? VK_ACCESS_TRANSFER_WRITE_BIT.rawValue
            : VK_ACCESS_SHADER_WRITE_BIT.rawValue | VK_ACCESS_TRANSFER_WRITE_BIT.rawValue
    }

    /// What they read.
    var reads: VkAccessFlags {
        isTransfer
            ? VK_ACCESS_TRANSFER_READ_BIT.rawValue
            : VK_ACCESS_SHADER_READ_BIT.rawValue | VK_ACCESS_TRANSFER_READ_BIT.rawValue
    }

    /// The first queue of a family of an opened device.
    init(
        _ api: PumiceDeviceFunctions,
        _ device: VkDevice,
        family: UInt32,
        isTransfer: Bool
    ) throws(VulkanError) {
        var queue: VkQueue?
        api.GetDeviceQueue(device, family, 0, &queue)
        guard let queue else { throw .callFailed(call: "vkGetDeviceQueue", result: 0) }
        handle = queue
        self.family = family
        self.isTransfer = isTransfer
    }
}
