/// A file that announces a Vulkan driver to the loader (`icd.d/*.json`).
public struct DriverManifest: Sendable, Equatable, Encodable {
    public var path: String
    public var content: Content

    /// What is in the file, and what came of it.
    public enum Content: Sendable, Equatable {
        /// It cannot be read as a manifest, for this reason.
        case unreadable(reason: String)
        /// The library as the file writes it, which opens as the file at `path`.
        case opens(library: String, path: String)
        /// The library does not open, in the dynamic linker's words.
        case fails(library: String, reason: String)
    }

    public init(path: String, content: Content) {
        self.path = path
        self.content = content
    }

    /// Whose hardware the driver is for, as far as its names tell.
    public var vendor: Vendor? {
        let file = String(path[(path.lastIndex(of: "/") ?? path.startIndex)...])
        switch content {
        case .unreadable: return Vendor(driverFile: file)
        case .opens(let library, _), .fails(let library, _):
            return Vendor(driverFile: file) ?? Vendor(driverFile: library)
        }
    }

    /// Whether the loader can use it.
    public var isUsable: Bool {
        if case .opens = content { true } else { false }
    }

    private enum CodingKeys: CodingKey { case path, library, libraryPath, problem }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        switch content {
        case .unreadable(let reason): try container.encode(reason, forKey: .problem)
        case .opens(let library, let path):
            try container.encode(library, forKey: .library)
            try container.encode(path, forKey: .libraryPath)
        case .fails(let library, let reason):
            try container.encode(library, forKey: .library)
            try container.encode(reason, forKey: .problem)
        }
    }
}
