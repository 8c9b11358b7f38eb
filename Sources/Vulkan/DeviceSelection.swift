/// Which device the user wants.
public enum DeviceChoice: Sendable, Equatable, CustomStringConvertible {
    /// The best one there is: a real GPU before a CPU driver.
    case best
    /// A real GPU or nothing.
    case gpu
    /// A CPU driver (lavapipe) or nothing.
    case cpu
    /// The loader's n-th device.
    case index(Int)
    /// The device whose name contains this text, whatever the case.
    case name(String)

    /// Reads `auto`, `gpu`, `cpu`, a number, or part of a device's name.
    public init(_ text: String) {
        switch text.lowercased() {
        case "", "auto", "best": self = .best
        case "gpu": self = .gpu
        case "cpu": self = .cpu
        case let other:
            if let index = Int(other) { self = .index(index) } else { self = .name(text) }
        }
    }

    public var description: String {
        switch self {
        case .best: "auto"
        case .gpu: "gpu"
        case .cpu: "cpu"
        case .index(let index): "\(index)"
        case .name(let name): name
        }
    }
}

extension Instance {
    /// The device that fits `choice` best.
    /// - Throws: `noDevice`, `noSuitableDevice` with what there is, or `missingFeature` when the
    ///   only fitting device lacks something required.
    public func selectDevice(_ choice: DeviceChoice) throws(VulkanError) -> PhysicalDevice {
        let all = try physicalDevices()
        guard !all.isEmpty else { throw .noDevice }
        let fitting = all.enumerated().filter { index, device in
            switch choice {
            case .best: true
            case .gpu: !device.properties.isCPU
            case .cpu: device.properties.isCPU
            case .index(let wanted): index == wanted
            case .name(let part):
                device.properties.name.lowercased().contains(part.lowercased())
            }
        }.map(\.element)
        let usable = fitting.filter { $0.missingFeature == nil }
        if let device = usable.min(by: {
            $0.properties.kind.preference < $1.properties.kind.preference
        }) {
            return device
        }
        if let device = fitting.first, let feature = device.missingFeature {
            throw .missingFeature(device: device.properties.name, feature: feature)
        }
        let found = all.map { "\($0.properties.name) (\($0.properties.kind.rawValue))" }
        throw .noSuitableDevice(wanted: choice.description, found: found)
    }
}
