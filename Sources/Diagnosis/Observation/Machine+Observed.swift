public import Foundation
public import Vulkan

extension Machine {
    /// This machine, as this process sees it. Opens the loader and every announced driver.
    ///
    /// - Parameters:
    ///   - root: where `/dev`, `/sys`, `/proc` and the folders of manifests are looked for.
    ///   - environment: the process's variables.
    public static func observed(
        root: String = "/",
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Machine {
        let search = ManifestSearch(root: root, environment: environment)
        let loader: Loader =
            switch LibraryProbe.loader {
            case .opens(let path): .found(path: path, version: loaderVersion)
            case .fails(let reason): .missing(reason: reason)
            }
        var machine = Machine(
            loader: loader,
            manifests: search.manifests(),
            manifestFolders: search.folders,
            nodes: DeviceNode.all(root: root),
            cards: GraphicsCard.all(root: root),
            user: .current,
            surroundings: .observed(root: root, environment: environment)
        )
        guard case .found = loader else { return machine }
        do {
            machine.devices = try Instance().physicalDevices().map(Device.init)
        } catch .noDevice {
            // That there is none says the empty list.
        } catch {
            machine.enumerationProblem = "\(error)"
        }
        return machine
    }

    private static var loaderVersion: String {
        Instance.loaderVersion.map { "\($0.major).\($0.minor).\($0.patch)" } ?? "unknown"
    }
}

extension Machine.Device {
    /// A device as the loader shows it.
    public init(_ device: PhysicalDevice) {
        let properties = device.properties
        let version = properties.apiVersion
        let features = OptionalFeature.allCases
        self.init(
            name: properties.name,
            kind: properties.kind.rawValue,
            driver: properties.driver,
            vulkanVersion: "\(version.major).\(version.minor).\(version.patch)",
            vendor: Vendor(pciID: properties.vendorID),
            missingFeatures: device.missingFeatures,
            optionalFeatures: features.filter(properties.features.contains).map(\.words),
            absentFeatures: features.filter { !properties.features.contains($0) }.map(\.words),
            memory: device.memoryHeaps.map {
                Memory(
                    byteCount: $0.byteCount,
                    isDeviceLocal: $0.isDeviceLocal,
                    availableByteCount: $0.availableByteCount
                )
            }
        )
    }
}
