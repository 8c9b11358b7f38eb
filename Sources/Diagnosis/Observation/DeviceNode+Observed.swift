import Foundation
internal import Glibc

extension DeviceNode {
    /// The nodes of GPUs that are there.
    static func all(root: String) -> [DeviceNode] {
        let prefix = root == "/" ? "" : root
        return ["/dev/dri", "/dev"].flatMap { folder in
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: prefix + folder)) ?? []
            return names.filter { isGPU($0, in: folder) }.sorted().compactMap {
                DeviceNode(folder + "/" + $0, prefix: prefix)
            }
        }
    }

    private static func isGPU(_ name: String, in folder: String) -> Bool {
        let prefixes = folder == "/dev" ? ["nvidia", "dxg"] : ["renderD", "card"]
        return prefixes.contains { name.hasPrefix($0) } && name != "nvidia-caps"
    }

    private init?(_ path: String, prefix: String) {
        var status = stat()
        guard unsafe stat(prefix + path, &status) == 0 else { return nil }
        let file = unsafe open(prefix + path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
        let problem = file >= 0 ? nil : unsafe String(cString: strerror(errno))
        if file >= 0 { close(file) }
        self.init(
            path: path,
            group: status.st_gid,
            groupName: unsafe getgrgid(status.st_gid).map {
                unsafe String(cString: $0.pointee.gr_name)
            },
            mode: UInt16(status.st_mode & 0o777),
            problem: problem
        )
    }
}

extension Machine.User {
    /// Who runs this process.
    static var current: Machine.User {
        let count = getgroups(0, nil)
        var groups = [gid_t](repeating: 0, count: Int(max(count, 0)))
        let filled = unsafe getgroups(count, &groups)
        groups.removeLast(groups.count - Int(max(0, filled)))
        let first = getegid()
        return Machine.User(id: geteuid(), groups: [first] + groups.filter { $0 != first })
    }
}
