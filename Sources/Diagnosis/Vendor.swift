/// Who makes GPUs that this project knows how to help with.
public enum Vendor: String, Sendable, CaseIterable, Encodable {
    case nvidia, amd, intel

    /// By the number on the PCI bus.
    public init?(pciID: UInt32) {
        switch pciID {
        case 0x10de: self = .nvidia
        case 0x1002, 0x1022: self = .amd
        case 0x8086: self = .intel
        default: return nil
        }
    }

    /// By a driver's file names: manifests and libraries carry their hardware's name.
    public init?(driverFile name: String) {
        let name = name.lowercased()
        guard let vendor = Self.marks.first(where: { name.contains($0.mark) })?.vendor else {
            return nil
        }
        self = vendor
    }

    private static let marks: [(mark: String, vendor: Vendor)] = [
        ("nvidia", .nvidia), ("nouveau", .nvidia), ("radeon", .amd), ("amdvlk", .amd),
        ("amd_icd", .amd), ("intel", .intel),
    ]

    /// The name in sentences.
    public var name: String {
        switch self {
        case .nvidia: "NVIDIA"
        case .amd: "AMD"
        case .intel: "Intel"
        }
    }

    /// How its driver is installed.
    var driverInstallation: String {
        switch self {
        case .nvidia:
            "install NVIDIA's driver with its graphics libraries, not a package named compute or "
                + "headless (Debian: nvidia-driver and nvidia-vulkan-icd; Ubuntu: "
                + "nvidia-driver-NNN)"
        case .amd, .intel: "apt-get install mesa-vulkan-drivers"
        }
    }

    /// The kernel's driver, without which there is no device node.
    var kernelDriver: String {
        switch self {
        case .nvidia: "nvidia"
        case .amd: "amdgpu"
        case .intel: "i915 or xe"
        }
    }

    /// How a container gets the device.
    var passage: String {
        switch self {
        case .nvidia:
            "docker run --gpus all with NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility; in "
                + "Kubernetes the resource nvidia.com/gpu and, where it is not the default, "
                + "runtimeClassName nvidia"
        case .amd:
            "docker run --device /dev/dri --group-add GROUP; in Kubernetes the resource "
                + "amd.com/gpu and gpu.renderGroup"
        case .intel:
            "docker run --device /dev/dri --group-add GROUP; in Kubernetes the resource "
                + "gpu.intel.com/i915 or gpu.intel.com/xe and gpu.renderGroup"
        }
    }
}
