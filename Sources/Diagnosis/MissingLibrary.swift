/// What the dynamic linker's words say is missing.
struct MissingLibrary: Equatable {
    enum Cause: Equatable {
        /// The driver's own file.
        case driver
        /// A library that the driver needs.
        case dependency(String)
        /// The C library is older than the driver.
        case cLibrary(version: String)
        /// Something else.
        case unknown
    }

    let cause: Cause

    /// - Parameters:
    ///   - reason: such as `libX11.so.6: cannot open shared object file: No such file or
    ///     directory`.
    ///   - driver: the library that was opened.
    init(reason: String, driver: String) {
        if let match = reason.firstMatch(of: /version `(GLIBC_[0-9.]+)' not found/) {
            cause = .cLibrary(version: String(match.1))
        } else if let match = reason.firstMatch(of: /^(\S+): cannot open shared object file/) {
            let name = Self.file(String(match.1))
            cause = name == Self.file(driver) ? .driver : .dependency(name)
        } else {
            cause = .unknown
        }
    }

    private static func file(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The packages of Debian and Ubuntu for what NVIDIA's and Mesa's drivers link.
    static let packages = [
        "libX11.so.6": "libx11-6", "libXext.so.6": "libxext6", "libEGL.so.1": "libegl1",
        "libGLdispatch.so.0": "libglvnd0", "libGLX.so.0": "libglx0", "libGL.so.1": "libgl1",
        "libGLESv2.so.2": "libgles2", "libxcb.so.1": "libxcb1", "libX11-xcb.so.1": "libx11-xcb1",
        "libxcb-present.so.0": "libxcb-present0", "libxcb-dri3.so.0": "libxcb-dri3-0",
        "libxshmfence.so.1": "libxshmfence1", "libwayland-client.so.0": "libwayland-client0",
        "libdrm.so.2": "libdrm2", "libdrm_amdgpu.so.1": "libdrm-amdgpu1", "libz.so.1": "zlib1g",
        "libzstd.so.1": "libzstd1", "libexpat.so.1": "libexpat1", "libstdc++.so.6": "libstdc++6",
    ]

    func remedies(for vendor: Vendor?, in surroundings: Machine.Surroundings) -> [String] {
        switch cause {
        case .driver where vendor == .nvidia && surroundings.container != nil:
            let capabilities = surroundings.variables["NVIDIA_DRIVER_CAPABILITIES"]
            return [
                "The driver's graphics part is not in the container: set "
                    + "NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility (it is "
                    + "\(capabilities ?? "not set")), and look on the node for libGLX_nvidia.so.0, "
                    + "which packages named compute or headless lack."
            ]
        case .driver:
            let install = vendor?.driverInstallation ?? "install the driver's package again"
            return ["The manifest outlived its driver: \(install), or remove the manifest."]
        case .dependency(let name):
            let package = Self.packages[name].map { ": apt-get install \($0)" } ?? ""
            return ["Install the library that has \(name)\(package)."]
        case .cLibrary(let version):
            return [
                "The driver was built for a newer C library (\(version)): use a newer base image "
                    + "or distribution; Debian 13 is new enough for today's drivers."
            ]
        case .unknown: return ["Install the driver's package again."]
        }
    }
}
