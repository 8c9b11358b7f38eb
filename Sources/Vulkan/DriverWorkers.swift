import CVulkan
import Foundation

/// The threads on which lavapipe computes, each of which gets a core of its own.
///
/// Why: it wakes all of them for every dispatch, a few hundred times a token. The core of the
/// thread that wakes them is busy with that thread, so Linux may put two of them on another, and
/// then leaves them there: they work one after the other for as long as the process runs.
package struct DriverWorkers {
    /// Thread numbers, in the order they were started.
    package let threads: [Int32]

    /// The workers that a call into the driver starts; lavapipe does so with the first device of
    /// an instance.
    /// - Parameter count: how many there must be; if there are more or fewer, there is none.
    static func started<Result>(
        count: Int,
        by call: () throws(VulkanError) -> Result
    ) throws(VulkanError) -> (Result, DriverWorkers) {
        guard count > 0 else { return (try call(), DriverWorkers(among: [:], count: 0)) }
        let before = Set(tasks().keys)
        // Threads start with the name of the one that starts them.
        let name = threadName()
        pumice_set_thread_name(mark)
        defer { pumice_set_thread_name(name) }
        let result = try call()
        var workers = DriverWorkers(among: [:], count: count)
        // Those that draw get their names only once they run: at once, on a machine at rest.
        for _ in 0..<200 {
            let new = tasks().filter { !before.contains($0.key) }
            workers = DriverWorkers(among: new, count: count)
            guard workers.threads.isEmpty && new.count >= 2 * count else { break }
            usleep(1000)
        }
        return (result, workers)
    }

    /// - Parameters:
    ///   - names: of new threads, by number. Mesa 22.3 to 26.1 starts a thread for the queue, as
    ///     many called `llvmpipe-N` as there are cores (they draw), as many without a name of
    ///     their own that compute, and one for the cache of compiled kernels.
    ///   - count: how many compute.
    package init(among names: [Int32: String], count: Int) {
        let drawing = names.filter { $0.value.hasPrefix("llvmpipe-") }.keys
        let later = names.filter { $0.value == Self.mark && $0.key > drawing.max() ?? .max }.keys
        let isComplete = drawing.count == count && later.count >= count
        threads = isComplete ? Array(later.sorted().prefix(count)) : []
    }

    /// Binds each to one of the cores this process may use.
    /// - Returns: how many are bound.
    func bind() -> Int {
        threads.enumerated().count { pumice_bind_thread($1, Int32($0)) == 0 }
    }

    package static let mark = "pumice-driver"

    /// Names of this process's threads, by number.
    private static func tasks() -> [Int32: String] {
        let folder = "/proc/self/task"
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let named = entries.compactMap { entry -> (Int32, String)? in
            guard let id = Int32(entry),
                let name = try? String(contentsOfFile: "\(folder)/\(entry)/comm", encoding: .utf8)
            else { return nil }
            return (id, name.trimmingCharacters(in: .newlines))
        }
        return Dictionary(uniqueKeysWithValues: named)
    }

    private static func threadName() -> String {
        var name = [CChar](repeating: 0, count: 16)
        pumice_get_thread_name(&name)
        let bytes = name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return String(decoding: bytes, as: UTF8.self)
    }
}
