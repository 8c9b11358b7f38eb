/// A GPU on the PCI bus, whether or not a driver knows it.
public struct GraphicsCard: Sendable, Equatable, Encodable {
    /// Such as `0000:01:00.0`.
    public var address: String
    public var vendor: Vendor
    /// The vendor's number of the model.
    public var deviceID: UInt32
    /// The PCI class: 0x03 for displays and 0x12 for processing accelerators, in the top byte of
    /// three.
    public var classCode: UInt32
    /// The kernel's driver for it; nil if it has none.
    public var kernelDriver: String?

    public init(
        address: String,
        vendor: Vendor,
        deviceID: UInt32,
        classCode: UInt32,
        kernelDriver: String? = nil
    ) {
        self.address = address
        self.vendor = vendor
        self.deviceID = deviceID
        self.classCode = classCode
        self.kernelDriver = kernelDriver
    }

    /// AMD's Instinct of the CDNA line, for which there is no Vulkan driver: MI200 and later call
    /// themselves accelerators, MI100 is a display of this number.
    public var isInstinct: Bool {
        vendor == .amd && (classCode >> 16 == 0x12 || [0x738c, 0x738e].contains(deviceID))
    }

    /// `NVIDIA GPU 10de... at 0000:01:00.0`, for sentences.
    public var words: String {
        let number = String(deviceID, radix: 16)
        let digits = String(repeating: "0", count: max(0, 4 - number.count)) + number
        return "\(vendor.name)'s \(isInstinct ? "Instinct accelerator" : "GPU") \(digits) at "
            + address
    }
}
