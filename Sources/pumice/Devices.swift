import ArgumentParser
import Diagnosis
import Vulkan

/// `pumice devices`: what there is to run on.
struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the Vulkan devices, and what keeps one from serving."
    )

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let devices = try Instance().physicalDevices()
        guard !devices.isEmpty else { throw VulkanError.noDevice }
        guard !json else { return print(try PrintedJSON.text(devices.map(Report.init))) }
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
            if !device.missingFeatures.isEmpty {
                print("   cannot serve: it lacks \(device.missingFeatures.joined(separator: ", "))")
            }
        }
    }

    /// What kernels may use, in words.
    private static func abilities(_ properties: DeviceProperties) -> [String] {
        let units = properties.computeUnitCount.map { ["\($0) compute units"] } ?? []
        let dot = properties.acceleratesInt8DotProduct ? ["accelerated int8 dot product"] : []
        let features = OptionalFeature.allCases.filter(properties.features.contains).map(\.words)
        return units + features + dot + matrices(properties)
    }

    private static func matrices(_ properties: DeviceProperties) -> [String] {
        (properties.cooperativeMatrices + properties.flexibleMatrices).map { "\($0)" }
    }

    /// A device as `--json` prints it: what `pumice doctor` knows of it, and more for kernels.
    private struct Report: Encodable {
        let device: Machine.Device
        let subgroupSize: Int
        let sharedMemoryByteCount: Int
        let computeUnitCount: Int?
        let acceleratesInt8DotProduct: Bool
        let cooperativeMatrices: [String]

        init(_ device: PhysicalDevice) {
            let properties = device.properties
            self.device = Machine.Device(device)
            subgroupSize = properties.subgroupSize
            sharedMemoryByteCount = properties.sharedMemoryByteCount
            computeUnitCount = properties.computeUnitCount
            acceleratesInt8DotProduct = properties.acceleratesInt8DotProduct
            cooperativeMatrices = Devices.matrices(properties)
        }

        private enum CodingKeys: CodingKey {
            case subgroupSize, sharedMemoryByteCount, computeUnitCount, acceleratesInt8DotProduct
            case cooperativeMatrices
        }

        func encode(to encoder: any Encoder) throws {
            try device.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(subgroupSize, forKey: .subgroupSize)
            try container.encode(sharedMemoryByteCount, forKey: .sharedMemoryByteCount)
            try container.encodeIfPresent(computeUnitCount, forKey: .computeUnitCount)
            try container.encode(acceleratesInt8DotProduct, forKey: .acceleratesInt8DotProduct)
            try container.encode(cooperativeMatrices, forKey: .cooperativeMatrices)
        }
    }
}
