/// A file under `/dev` through which a driver reaches its hardware.
public struct DeviceNode: Sendable, Equatable, Encodable {
    public var path: String
    /// The number and, where this system knows it, the name of the group that owns it.
    public var group: UInt32
    public var groupName: String?
    /// The lower nine bits of its mode.
    public var mode: UInt16
    /// Why this process cannot open it for reading and writing; nil if it can.
    public var problem: String?

    public init(
        path: String,
        group: UInt32,
        groupName: String? = nil,
        mode: UInt16,
        problem: String? = nil
    ) {
        self.path = path
        self.group = group
        self.groupName = groupName
        self.mode = mode
        self.problem = problem
    }

    /// A node that computes, as Mesa's drivers open it.
    public var isRenderNode: Bool { path.contains("/dri/renderD") }

    /// One of NVIDIA's own driver.
    public var isNvidia: Bool { path.contains("/nvidia") }

    /// `crw-rw----` without the first letter.
    public var modeText: String {
        let letters: [Character] = ["r", "w", "x", "r", "w", "x", "r", "w", "x"]
        return String(
            letters.enumerated().map { mode >> UInt16(8 - $0.offset) & 1 == 1 ? $0.element : "-" }
        )
    }
}
