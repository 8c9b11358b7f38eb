import CVulkan

/// What comes of opening a shared library as the Vulkan loader does.
public enum LibraryProbe: Sendable, Equatable {
    /// It can be opened and has what it is opened for; `path` is the file found.
    case opens(path: String)
    /// The dynamic linker's own words, which name what is missing.
    case fails(reason: String)

    /// Opens a library and leaves it open.
    /// - Parameters:
    ///   - name: a path, or a name that the dynamic linker looks for.
    ///   - symbol: the function that it is opened for.
    public init(opening name: String, for symbol: String) {
        let size = 4096
        var path = [CChar](repeating: 0, count: size)
        if let reason = pumice_probe_library(name, symbol, &path, size) {
            self = .fails(reason: String(cString: reason))
        } else {
            let text = path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
            self = .opens(path: String(decoding: text, as: UTF8.self))
        }
    }

    /// The Vulkan loader, as `Instance` opens it.
    public static var loader: LibraryProbe {
        LibraryProbe(opening: "libvulkan.so.1", for: "vkGetInstanceProcAddr")
    }

    /// A driver, which a manifest names.
    public static func driver(_ name: String) -> LibraryProbe {
        LibraryProbe(opening: name, for: "vk_icdGetInstanceProcAddr")
    }
}

extension Instance {
    /// The version of Vulkan that this machine's loader speaks; nil where there is none.
    public static var loaderVersion: (major: Int, minor: Int, patch: Int)? {
        var functions = unsafeZeroed(PumiceGlobalFunctions.self)
        guard pumice_load_global(&functions) == nil else { return nil }
        let version = pumice_loader_version(&functions)
        return (
            Int(pumice_version_major(version)), Int(pumice_version_minor(version)),
            Int(pumice_version_patch(version))
        )
    }
}
