import CVulkan
import Foundation

/// What this process may take of the machine's cores, as far as it bears on keeping them awake.
public struct CoreAllowance: Equatable, Sendable {
    /// Cores it may run on.
    public var coreCount: Int
    /// Seconds of cores it may use a second, if its control group has a limit.
    public var quota: Double?
    /// Threads the user lets lavapipe have (`LP_NUM_THREADS`), if he says.
    public var threadCount: Int?
    /// What `PUMICE_KEEP_CORES_AWAKE` says; nil for `auto`.
    public var wish: Bool?

    public init(coreCount: Int, quota: Double? = nil, threadCount: Int? = nil, wish: Bool? = nil) {
        self.coreCount = coreCount
        self.quota = quota
        self.threadCount = threadCount
        self.wish = wish
    }

    /// Whether cores are kept awake while a CPU driver works.
    ///
    /// With `auto` where it works on all of them and nobody counts: against a quota the spinning
    /// would be time taken from the work.
    public var keepsCoresAwake: Bool {
        if let wish { return wish && coreCount > 0 }
        if let quota, quota < Double(coreCount) { return false }
        return (threadCount ?? coreCount) >= coreCount && (1...Self.most).contains(coreCount)
    }

    /// Threads that lavapipe has at most (`LP_MAX_THREADS`).
    private static let most = 32

    /// That of this process.
    public static func ofThisProcess() -> CoreAllowance {
        let environment = ProcessInfo.processInfo.environment
        return CoreAllowance(
            coreCount: Int(pumice_allowed_core_count()),
            quota: quota(read("/sys/fs/cgroup/cpu.max"))
                ?? quota(
                    read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
                    period: read("/sys/fs/cgroup/cpu/cpu.cfs_period_us")
                ),
            threadCount: environment["LP_NUM_THREADS"].flatMap { Int($0) },
            wish: wish(environment["PUMICE_KEEP_CORES_AWAKE"] ?? "0")
        )
    }

    /// `auto` leaves it to the rule; by default cores sleep.
    private static func wish(_ word: String) -> Bool? { word == "auto" ? nil : word != "0" }

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
