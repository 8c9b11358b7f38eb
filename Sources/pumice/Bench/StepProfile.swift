import Foundation
import Vulkan

/// Where a step's time goes, kernel by kernel.
struct StepProfile: Encodable {
    struct Kernel: Encodable {
        let name: String
        let dispatches: Int
        let milliseconds: Double

        private enum CodingKeys: String, CodingKey {
            case name, dispatches
            case milliseconds = "ms"
        }
    }

    /// The slowest first.
    let kernels: [Kernel]
    let layerCount: Int

    /// - Parameter runs: the dispatches of several runs of the same step.
    init(_ runs: [[DispatchTiming]], layerCount: Int) {
        self.layerCount = layerCount
        var totals: [String: [Double]] = [:]
        for run in runs {
            let sums = Dictionary(grouping: run) { $0.name }.mapValues { timings in
                timings.reduce(0) { $0 + $1.durationNanoseconds }
            }
            for (name, sum) in sums { totals[name, default: []].append(sum) }
        }
        let counts = Dictionary(grouping: runs.first ?? []) { $0.name }.mapValues(\.count)
        kernels = totals.map { name, sums in
            Kernel(
                name: name,
                dispatches: counts[name] ?? 0,
                milliseconds: sums.sorted()[sums.count / 2] * 1e-6
            )
        }.sorted { $0.milliseconds > $1.milliseconds }
    }

    /// The profile for people. Work outside of the layers counts too, hence the fractions.
    func table(_ title: String) -> String {
        let total = kernels.reduce(0) { $0 + $1.milliseconds }
        let count = kernels.reduce(0) { $0 + $1.dispatches }
        var lines = [
            "\(title): \(number(total)) ms, \(count) dispatches, "
                + "\(number(Double(count) / Double(layerCount))) a layer"
        ]
        for kernel in kernels {
            let share = total > 0 ? 100 * kernel.milliseconds / total : 0
            lines.append(
                "  " + kernel.name.padding(toLength: 26, withPad: " ", startingAt: 0)
                    + padded("\(kernel.dispatches)", 6) + " x"
                    + padded(number(1000 * kernel.milliseconds / Double(kernel.dispatches)), 10)
                    + " us" + padded(number(kernel.milliseconds), 10) + " ms"
                    + padded(number(share), 7) + " %"
                    + padded(number(Double(kernel.dispatches) / Double(layerCount)), 6)
                    + " a layer"
            )
        }
        return lines.joined(separator: "\n")
    }

    private func number(_ value: Double) -> String { String(format: "%.1f", value) }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
