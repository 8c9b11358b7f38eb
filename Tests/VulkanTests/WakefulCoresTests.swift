import Foundation
import Kernels
import Testing
import Vulkan

@Suite("Cores of a CPU driver are kept awake while it works")
struct WakefulCoresTests {
    @Test("Threads spin from the first work to the last's end, and again")
    func spins() async throws {
        let cores = WakefulCores(coreCount: 1)
        #expect(cores.spinningCount == 0)
        for _ in 0..<2 {
            cores.workBegins()
            cores.workBegins()
            #expect(await becomes(1, cores))
            cores.workEnds()
            try await Task.sleep(for: .milliseconds(50))
            #expect(cores.spinningCount == 1)
            cores.workEnds()
            #expect(await becomes(0, cores))
        }
    }

    @Test("The threads run only where nothing else wants to, and end with their owner")
    func threads() async throws {
        var cores: WakefulCores? = WakefulCores(coreCount: 1, name: "of-a-test")
        cores?.workBegins()
        #expect(await becomes(1, try #require(cores)))
        #expect(policies() == ["5"])
        cores = nil
        #expect(await eventually { policies().isEmpty })
    }

    @Test("A submission keeps them awake until it is known to be done", .needsAwakeCores)
    func submission() async throws {
        let fixture = try Fixture()
        let cores = try #require(fixture.device.cores)
        let ones = try fixture.matrix(1, label: "ones")
        var recording = Recording()
        recording.fill(ones.slice, with: 0)
        let submission = try fixture.submitter.submit(recording)
        #expect(await isAwake(cores))
        try fixture.submitter.wait(submission)
        #expect(await becomes(0, cores))
        _ = try fixture.submitter.submit(recording)
        #expect(await isAwake(cores))
    }

    private func becomes(_ count: Int, _ cores: WakefulCores) async -> Bool {
        await eventually { cores.spinningCount == count }
    }

    private func isAwake(_ cores: WakefulCores) async -> Bool {
        await eventually { cores.spinningCount == CoreAllowance.ofThisProcess().coreCount }
    }

    /// Threads of the lowest priority have to wait for a core that nobody wants: long, on a machine
    /// at work.
    private func eventually(_ condition: () -> Bool) async -> Bool {
        for _ in 0..<3000 where !condition() { try? await Task.sleep(for: .milliseconds(10)) }
        return condition()
    }

    /// Of the test's own threads: the 41st word of a thread's `stat`, 5 for SCHED_IDLE.
    private func policies() -> [String] {
        let tasks = "/proc/self/task"
        let ids = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return ids.compactMap { id in
            guard let stat = try? String(contentsOfFile: "\(tasks)/\(id)/stat", encoding: .utf8),
                stat.contains("(of-a-test-0)")
            else { return nil }
            return String(stat.split(separator: " ")[40])
        }
    }
}

@Suite("Where cores may be kept awake")
struct CoreAllowanceTests {
    @Test("By default where the driver works on all cores and no quota counts the spinning")
    func rule() {
        #expect(CoreAllowance(coreCount: 2).keepsCoresAwake)
        #expect(CoreAllowance(coreCount: 2, quota: 2).keepsCoresAwake)
        #expect(!CoreAllowance(coreCount: 64, quota: 2).keepsCoresAwake)
        #expect(!CoreAllowance(coreCount: 4, threadCount: 2).keepsCoresAwake)
        #expect(CoreAllowance(coreCount: 4, threadCount: 8).keepsCoresAwake)
        #expect(!CoreAllowance(coreCount: 33).keepsCoresAwake)
        #expect(!CoreAllowance(coreCount: 0).keepsCoresAwake)
    }

    @Test("What the user says goes")
    func wish() {
        #expect(!CoreAllowance(coreCount: 2, wish: false).keepsCoresAwake)
        #expect(CoreAllowance(coreCount: 64, quota: 2, wish: true).keepsCoresAwake)
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
    /// Skips where there is no CPU driver, or one whose cores may sleep.
    fileprivate static var needsAwakeCores: Self {
        .enabled("needs a CPU driver without a quota") { (try? openDevice())?.cores != nil }
    }
}
