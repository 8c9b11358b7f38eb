import Foundation
import Testing
import Vulkan

@Suite("Threads of a CPU driver have a core each")
struct DriverWorkersTests {
    private let mark = DriverWorkers.mark

    @Test("Those that compute come after those that draw, as many, without a name of their own")
    func order() {
        let threads: [Int32: String] = [
            20: mark, 21: "llvmpipe-0", 22: "llvmpipe-1", 23: mark, 24: mark, 25: mark,
            26: "NIO-ELT-0",
        ]
        #expect(DriverWorkers(among: threads, count: 2).threads == [23, 24])
    }

    @Test("A driver that starts others is left alone")
    func others() {
        #expect(DriverWorkers(among: [:], count: 2).threads.isEmpty)
        #expect(DriverWorkers(among: [20: mark, 21: mark], count: 2).threads.isEmpty)
        let unnamed: [Int32: String] = [
            20: mark, 21: "llvmpipe-0", 22: mark, 23: mark, 24: mark, 25: mark,
        ]
        #expect(DriverWorkers(among: unnamed, count: 2).threads.isEmpty)
        let few: [Int32: String] = [20: mark, 21: "llvmpipe-0", 22: "llvmpipe-1", 23: mark]
        #expect(DriverWorkers(among: few, count: 2).threads.isEmpty)
        #expect(DriverWorkers(among: few, count: 1).threads.isEmpty)
    }

    @Test("An opened device's threads are bound, each to another core", .needsCoresToBind)
    func bound() throws {
        let before = Set(boundThreads().keys)
        let name = threadName()
        let device = try openDevice()
        let new = boundThreads().filter { !before.contains($0.key) }
        #expect(device.boundThreadCount == CoreAllowance.ofThisProcess().coreCount)
        #expect(new.count == device.boundThreadCount)
        #expect(Set(new.values).count == new.count)
        #expect(threadName() == name)
    }

    /// Of this process's threads with the driver's mark that may run on one core only: which.
    private func boundThreads() -> [String: String] {
        let tasks = "/proc/self/task"
        let ids = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        var cores: [String: String] = [:]
        for id in ids {
            let file = "\(tasks)/\(id)/status"
            guard let status = try? String(contentsOfFile: file, encoding: .utf8),
                status.hasPrefix("Name:\t\(mark)\n"),
                let line = status.split(separator: "\n")
                    .first(where: { $0.hasPrefix("Cpus_allowed_list:") }),
                let core = line.split(separator: "\t").last, Int(core) != nil
            else { continue }
            cores[id] = String(core)
        }
        return cores
    }

    private func threadName() -> String {
        (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
    }
}

@Suite("Where threads may be bound to cores")
struct CoreAllowanceTests {
    @Test("One on every core, where no quota is less than these")
    func rule() {
        #expect(CoreAllowance(coreCount: 2).bindableThreadCount == 2)
        #expect(CoreAllowance(coreCount: 2, quota: 2).bindableThreadCount == 2)
        #expect(CoreAllowance(coreCount: 2, quota: 1.5).bindableThreadCount == 0)
        #expect(CoreAllowance(coreCount: 2, mayBind: false).bindableThreadCount == 0)
    }

    @Test(
        "A quota of either version of control groups is read",
        arguments: [
            ("200000 100000\n", 2.0), ("max 100000\n", nil), ("50000 100000", 0.5), ("", nil),
            ("0 0", nil), ("words here", nil), (nil, nil),
        ]
    )
    func version2(text: String?, quota: Double?) {
        #expect(CoreAllowance.quota(text) == quota)
    }

    @Test("A quota of version 1 is read")
    func version1() {
        #expect(CoreAllowance.quota("150000\n", period: "100000\n") == 1.5)
        #expect(CoreAllowance.quota("-1\n", period: "100000\n") == nil)
        #expect(CoreAllowance.quota(nil, period: "100000\n") == nil)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where there is no CPU driver, or where its threads are not to be bound.
    fileprivate static var needsCoresToBind: Self {
        .enabled("needs a CPU driver on all cores, without a quota") {
            CoreAllowance.ofThisProcess().bindableThreadCount > 0
                && ProcessInfo.processInfo.environment["LP_NUM_THREADS"] == nil
                && (try? openDevice())?.properties.isCPU == true
        }
    }
}
