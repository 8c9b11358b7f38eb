import ArgumentParser
import Vulkan

/// `pumice devices`: what there is to run on.
struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the Vulkan devices, and what keeps one from serving."
    )

    func run() throws {
        let instance = try Instance()
        let devices = try instance.physicalDevices()
        guard !devices.isEmpty else { throw VulkanError.noDevice }
        for (index, device) in devices.enumerated() {
            let properties = device.properties
            let version = properties.apiVersion
            print(
                "\(index): \(properties.name), \(properties.kind.rawValue), \(properties.driver), "
                    + "Vulkan \(version.major).\(version.minor).\(version.patch), subgroups of "
                    + "\(properties.subgroupSize), \(properties.sharedMemoryByteCount / 1024) KiB "
                    + "shared memory"
            )
            print("   has \(Self.abilities(properties).joined(separator: ", "))")
            if let feature = device.missingFeature { print("   cannot serve: it lacks \(feature)") }
        }
    }

    /// What kernels may use, in words.
    private static func abilities(_ properties: DeviceProperties) -> [String] {
        let units = properties.computeUnitCount.map { ["\($0) compute units"] } ?? []
        let dot = properties.acceleratesInt8DotProduct ? ["accelerated int8 dot product"] : []
        let features = OptionalFeature.allCases.filter(properties.features.contains).map(\.words)
        let matrices = properties.cooperativeMatrices + properties.flexibleMatrices
        return units + features + dot + matrices.map { "\($0)" }
    }
}
