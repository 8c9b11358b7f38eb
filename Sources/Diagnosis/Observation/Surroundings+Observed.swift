import Foundation

extension Machine.Surroundings {
    /// Variables that change what the loader finds, or what NVIDIA's container toolkit mounts.
    private static let telling = [
        "VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES", "VK_LOADER_DRIVERS_SELECT",
        "VK_LOADER_DRIVERS_DISABLE", "NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_VISIBLE_DEVICES",
        "MESA_VK_DEVICE_SELECT", "LD_LIBRARY_PATH",
    ]

    static func observed(root: String, environment: [String: String]) -> Machine.Surroundings {
        let prefix = root == "/" ? "" : root
        func exists(_ path: String) -> Bool {
            FileManager.default.fileExists(atPath: prefix + path)
        }
        let container: String? =
            if environment["KUBERNETES_SERVICE_HOST"] != nil {
                "kubernetes"
            } else if exists(
                "/.dockerenv"
            ) { "docker" } else if exists("/run/.containerenv") { "podman" } else { nil }
        let module = FileManager.default.contents(atPath: prefix + "/sys/module/nvidia/version")
        return Machine.Surroundings(
            container: container,
            variables: environment.filter { telling.contains($0.key) },
            nvidiaModule: module.map {
                String(decoding: $0.prefix(32), as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
        )
    }
}
