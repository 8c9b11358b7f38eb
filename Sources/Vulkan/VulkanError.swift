import CVulkan

/// What can go wrong between Pumice and the device.
public enum VulkanError: Error, CustomStringConvertible, Sendable {
    /// There is no usable Vulkan loader on this machine.
    case noLoader(String)
    /// The loader is there and finds no device.
    case noDevice
    /// No device fits what was asked for; the list says what there is.
    case noSuitableDevice(wanted: String, found: [String])
    /// More or fewer devices are named than the layers are to be split over.
    case deviceCount(wanted: String, named: Int)
    /// Fewer devices fit than the layers are to be split over; the list says which.
    case tooFewDevices(wanted: String, count: Int, found: [String])
    /// The device lacks something Pumice cannot do without.
    case missingFeature(device: String, feature: String)
    /// A call failed.
    case callFailed(call: String, result: Int32)
    /// An allocation could not be had.
    case outOfMemory(label: String, byteCount: Int)
    /// The device was lost: a driver fault, a watchdog or a removed card.
    case deviceLost
    /// The device did not finish in time.
    case timedOut(seconds: Int)

    public var description: String {
        switch self {
        case .noLoader(let detail):
            "No Vulkan here (\(detail)). Install the loader and a driver: on Debian and Ubuntu "
                + "`apt-get install libvulkan1 mesa-vulkan-drivers`; for NVIDIA install its driver."
        case .noDevice:
            "The Vulkan loader finds no device. Install a driver (`mesa-vulkan-drivers` covers "
                + "AMD, Intel and the CPU; NVIDIA's comes with its own driver) or check "
                + "VK_DRIVER_FILES; in a container, pass the device in (/dev/dri, or "
                + "NVIDIA_DRIVER_CAPABILITIES with `graphics`)."
        case .noSuitableDevice(let wanted, let found):
            "No Vulkan device fits `--device \(wanted)`. Found: "
                + found.joined(separator: "; ") + "."
        case .deviceCount(let wanted, let named):
            "`--device \(wanted)` names \(named) devices, which is not --pipeline-parallel-size. "
                + "Leave that out, or name as many."
        case .tooFewDevices(let wanted, let count, let found):
            "--pipeline-parallel-size \(count) needs \(count) devices, and `--device \(wanted)` "
                + "fits \(found.count): " + found.joined(separator: "; ") + ". A device may be "
                + "named several times, with commas: `--device 0,0`."
        case .missingFeature(let device, let feature):
            "\(device) cannot run Pumice: it lacks \(feature). Try a newer driver."
        case .callFailed(let call, let result):
            "\(call) failed with VkResult \(result)."
        case .outOfMemory(let label, let byteCount):
            "The device has no memory for `\(label)` (\(byteCount / 1_048_576) MiB). Lower "
                + "--gpu-memory-utilization or --num-gpu-blocks, or use a smaller model."
        case .deviceLost: "The device was lost."
        case .timedOut(let seconds): "The device did not finish within \(seconds) s."
        }
    }
}

/// Throws unless `result` is success, naming the call.
func check(_ result: VkResult, _ call: StaticString) throws(VulkanError) {
    switch result {
    case VK_SUCCESS: return
    case VK_ERROR_DEVICE_LOST: throw .deviceLost
    case VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_HOST_MEMORY:
        throw .outOfMemory(label: "\(call)", byteCount: 0)
    default: throw .callFailed(call: "\(call)", result: result.rawValue)
    }
}
