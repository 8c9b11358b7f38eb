import CVulkan
import Foundation

/// What this process may take of the machine's cores.
public struct CoreAllowance: Equatable, Sendable {
    /// Cores it may run on.
    public var coreCount: Int
    /// Seconds of cores it may use a second, if its control group has a limit.
    public var quota: Double?
    /// Whether the user lets threads be bound to cores (`PUMICE_BIND_DRIVER_THREADS`, 0 for no).
    public var mayBind: Bool

    public init(coreCount: Int, quota: Double? = nil, mayBind: Bool = true) {
        self.coreCount = coreCount
        self.quota = quota
        self.mayBind = mayBind
    }

    /// Threads of a CPU driver that are bound to a core each, if it has so many.
    ///
    /// One for every core, or none: fewer are better off where the kernel finds a free core for
    /// them, and with a quota which of the cores are free changes.
    public var bindableThreadCount: Int {
        mayBind && (quota ?? .infinity) >= Double(coreCount) ? coreCount : 0
    }

    /// That of this process.
    public static func ofThisProcess() -> CoreAllowance {
        CoreAllowance(
            coreCount: Int(pumice_allowed_core_count()),
            quota: quota(read("/sys/fs/cgroup/cpu.max"))
                ?? quota(
                    read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
                    period: read("/sys/fs/cgroup/cpu/cpu.cfs_period_us")
                ),
            mayBind: ProcessInfo.processInfo.environment["PUMICE_BIND_DRIVER_THREADS"] != "0"
        )
    }

    /// The quota in `cpu.max` of version 2 of control groups, `QUOTA PERIOD`; nil for `max`.
    package static func quota(_ text: String?) -> Double? {
        let words = text?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count == 2 else { return nil }
        return quota(String(words[0]), period: String(words[1]))
    }

    /// The quota in the two files of version 1; nil for -1.
    package static func quota(_ quota: String?, period: String?) -> Double? {
        guard let quota = quota.flatMap(number), let period = period.flatMap(number),
            quota > 0, period > 0
        else { return nil }
        return quota / period
    }

    private static func number(_ text: String) -> Double? {
        Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func read(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}
