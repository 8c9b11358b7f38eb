import CVulkan
import Foundation
import Synchronization

/// Keeps the cores awake on which a CPU driver works, as long as it works.
///
/// Why: such a driver wakes its threads for every dispatch, a few hundred times a token. A core
/// with nothing to do halts in between, and to start it again takes the hypervisor of a virtual
/// machine longer than many a dispatch takes. So each core has a thread here that spins while
/// recordings are on their way, with the lowest priority there is (SCHED_IDLE): whatever else of
/// this control group wants the core has it at once. llama.cpp's threads spin between its
/// operations for the same reason.
public final class WakefulCores: Sendable {
    private let state: State

    /// Starts the threads, which sleep until there is work.
    /// - Parameters:
    ///   - coreCount: of this process's cores, how many.
    ///   - name: what the threads are called in a list of them, before a dash and a number.
    public init(coreCount: Int, name: String = "pumice-awake") {
        let state = State()
        self.state = state
        for core in 0..<coreCount {
            let thread = Thread { state.run(core: core, name: "\(name)-\(core)") }
            thread.stackSize = 128 << 10
            thread.start()
        }
    }

    deinit { state.stop() }

    /// Work has been given to the driver.
    public func workBegins() { state.workBegins() }

    /// What one `workBegins` told of is done.
    public func workEnds() { state.workCount.subtract(1, ordering: .sequentiallyConsistent) }

    /// Threads that spin at present.
    public var spinningCount: Int { state.spinningCount.load(ordering: .relaxed) }

    private final class State: Sendable {
        let workCount = Atomic<Int>(0)
        let spinningCount = Atomic<Int>(0)
        private let sleeperCount = Atomic<Int>(0)
        private let isStopping = Atomic<Bool>(false)
        private let condition = NSCondition()

        /// How long threads spin on once there is no work: between two tokens the engine thinks.
        private static let patience: Duration = .milliseconds(2)

        func workBegins() {
            workCount.add(1, ordering: .sequentiallyConsistent)
            // A thread that falls asleep counts itself first and looks for work afterwards.
            if sleeperCount.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
        }

        func stop() {
            isStopping.store(true, ordering: .sequentiallyConsistent)
            wakeAll()
        }

        func run(core: Int, name: String) {
            // At any other priority it would be in the way of those it is to help.
            guard pumice_idle_on_core(Int32(core)) == 0 else { return }
            Thread.current.name = name
            while waitForWork() {
                spinningCount.add(1, ordering: .relaxed)
                spin()
                spinningCount.subtract(1, ordering: .relaxed)
            }
        }

        private func spin() {
            var deadline: ContinuousClock.Instant?
            while !isStopping.load(ordering: .relaxed) {
                pumice_idle_a_moment()
                if workCount.load(ordering: .relaxed) > 0 {
                    deadline = nil
                } else if let deadline {
                    if .now > deadline { return }
                } else {
                    deadline = .now + Self.patience
                }
            }
        }

        /// - Returns: whether there is work; else it is time to end.
        private func waitForWork() -> Bool {
            condition.lock()
            sleeperCount.add(1, ordering: .sequentiallyConsistent)
            while workCount.load(ordering: .sequentiallyConsistent) == 0
                && !isStopping.load(ordering: .sequentiallyConsistent)
            {
                condition.wait()
            }
            sleeperCount.subtract(1, ordering: .sequentiallyConsistent)
            condition.unlock()
            return !isStopping.load(ordering: .sequentiallyConsistent)
        }

        private func wakeAll() {
            condition.lock()
            condition.broadcast()
            condition.unlock()
        }
    }
}
