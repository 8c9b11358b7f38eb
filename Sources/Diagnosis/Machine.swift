/// What bears on Vulkan in a machine, or in what of it a container sees: a value, so that a
/// `Diagnosis` can be made of machines that nobody here has.
public struct Machine: Sendable, Equatable, Encodable {
    public var loader: Loader
    public var manifests: [DriverManifest]
    /// Where manifests were looked for.
    public var manifestFolders: [String]
    public var devices: [Device]
    /// Why the loader could list no devices, in its own words.
    public var enumerationProblem: String?
    public var nodes: [DeviceNode]
    public var cards: [GraphicsCard]
    public var user: User
    public var surroundings: Surroundings

    /// The library through which programs find drivers.
    public enum Loader: Sendable, Equatable {
        case found(path: String, version: String)
        /// With the dynamic linker's words.
        case missing(reason: String)
    }

    /// Who runs this process.
    public struct User: Sendable, Equatable, Encodable {
        public var id: UInt32
        /// All groups, the first among them.
        public var groups: [UInt32]

        public init(id: UInt32, groups: [UInt32]) {
            self.id = id
            self.groups = groups
        }
    }

    /// What is known of the world around the process.
    public struct Surroundings: Sendable, Equatable, Encodable {
        /// `kubernetes`, `docker` or `podman`; nil outside of containers.
        public var container: String?
        /// Those that are set of the variables that the loader and NVIDIA's container toolkit read.
        public var variables: [String: String]
        /// The version of NVIDIA's kernel module; nil where it is not loaded.
        public var nvidiaModule: String?

        public init(
            container: String? = nil,
            variables: [String: String] = [:],
            nvidiaModule: String? = nil
        ) {
            self.container = container
            self.variables = variables
            self.nvidiaModule = nvidiaModule
        }
    }

    public init(
        loader: Loader,
        manifests: [DriverManifest] = [],
        manifestFolders: [String] = [],
        devices: [Device] = [],
        enumerationProblem: String? = nil,
        nodes: [DeviceNode] = [],
        cards: [GraphicsCard] = [],
        user: User = User(id: 0, groups: [0]),
        surroundings: Surroundings = Surroundings()
    ) {
        self.loader = loader
        self.manifests = manifests
        self.manifestFolders = manifestFolders
        self.devices = devices
        self.enumerationProblem = enumerationProblem
        self.nodes = nodes
        self.cards = cards
        self.user = user
        self.surroundings = surroundings
    }
}

extension Machine.Loader: Encodable {
    private enum CodingKeys: CodingKey { case path, version, problem }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .found(let path, let version):
            try container.encode(path, forKey: .path)
            try container.encode(version, forKey: .version)
        case .missing(let reason): try container.encode(reason, forKey: .problem)
        }
    }
}
