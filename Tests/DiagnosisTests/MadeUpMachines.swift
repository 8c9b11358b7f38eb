import Diagnosis

/// Machines that nobody here has.
enum MadeUp {
    static let loader = Machine.Loader.found(path: "/usr/lib/libvulkan.so.1", version: "1.4.309")
    static let folders = ["/etc/vulkan/icd.d", "/usr/share/vulkan/icd.d"]

    static let lavapipe = Machine.Device(
        name: "llvmpipe (LLVM 19, 256 bits)",
        kind: "cpu",
        driver: "llvmpipe Mesa 25.0.7",
        vulkanVersion: "1.4.305",
        optionalFeatures: ["fp16"],
        memory: [.init(byteCount: 8 << 30, isDeviceLocal: true, availableByteCount: 5 << 30)]
    )
    static let radeon = Machine.Device(
        name: "AMD Radeon PRO V620 (RADV NAVI21)",
        kind: "discrete",
        driver: "radv Mesa 25.0.7",
        vulkanVersion: "1.4.305",
        vendor: .amd,
        memory: [
            .init(byteCount: 30 << 30, isDeviceLocal: true),
            .init(byteCount: 64 << 30, isDeviceLocal: false),
        ]
    )

    static let lavapipeManifest = opening("lvp_icd.json", "libvulkan_lvp.so")
    static let radeonManifest = opening("radeon_icd.json", "libvulkan_radeon.so")
    static let nvidiaManifest = opening("nvidia_icd.json", "libGLX_nvidia.so.0")

    static func opening(_ file: String, _ library: String) -> DriverManifest {
        DriverManifest(
            path: "/usr/share/vulkan/icd.d/" + file,
            content: .opens(library: library, path: "/usr/lib/" + library)
        )
    }

    static func failing(_ file: String, _ library: String, _ reason: String) -> DriverManifest {
        DriverManifest(
            path: "/usr/share/vulkan/icd.d/" + file,
            content: .fails(library: library, reason: reason)
        )
    }

    static func absent(_ library: String) -> String {
        "\(library): cannot open shared object file: No such file or directory"
    }

    static func card(_ vendor: Vendor, _ deviceID: UInt32 = 0x73a1, classCode: UInt32 = 0x030000)
        -> GraphicsCard
    {
        GraphicsCard(
            address: "0000:01:00.0",
            vendor: vendor,
            deviceID: deviceID,
            classCode: classCode,
            kernelDriver: vendor == .amd ? "amdgpu" : nil
        )
    }

    static func renderNode(problem: String? = nil) -> DeviceNode {
        DeviceNode(
            path: "/dev/dri/renderD128",
            group: 992,
            groupName: "render",
            mode: 0o660,
            problem: problem
        )
    }
}
