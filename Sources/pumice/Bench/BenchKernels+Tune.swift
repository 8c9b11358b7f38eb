import Benchmarking
import Foundation
import Kernels
import Vulkan

extension BenchKernels {
    /// Measures the plans of every product that fits the filters, and keeps those that beat the
    /// table in the device's choice file, where `serve` finds them.
    func tune(_ bench: KernelWorkbench, _ file: String) throws {
        guard !products.isEmpty else {
            throw TuningError.noProduct
        }
        var kept = KernelChoices(file: file)
        print("choices:   \(file), \(kept.count) so far")
        print(line("format", "shape", ["table us", "best us", "plans"], "plan"))
        var tunings: [MatmulTuning] = []
        for (shape, format) in products {
            let result = try bench.tune(shape, format, budget: seconds)
            tunings.append(result)
            kept[result.key] = result.choice
            print(
                line(
                    format.rawValue,
                    result.shape,
                    [
                        String(format: "%.1f", result.table.medianMicroseconds),
                        String(format: "%.1f", result.best.medianMicroseconds),
                        "\(result.candidates.count)",
                    ],
                    result.choice.map { "\($0)" } ?? "the table's"
                )
            )
            // After each, so that a run that is interrupted has not been for nothing.
            try kept.write(to: file)
        }
        let better = tunings.filter { $0.choice != nil }.count
        print("\(better) of \(tunings.count) products have a plan that beats the table's.")
        try output.write(
            BenchReport(
                benchmark: "kernels --tune",
                device: bench.device.properties.name,
                driver: bench.device.properties.driver,
                settings: TuneSettings(filter: filter, format: self.format, seconds: seconds),
                results: tunings
            )
        )
    }

    private struct TuneSettings: Encodable {
        let filter: [String]
        let format: String?
        let seconds: Double
    }

    private var products: [(MatmulCase, WeightFormat)] {
        let words = filter.flatMap { $0.split(separator: " ") }
        return WeightFormat.allCases.filter { format == nil || $0.rawValue == format }
            .flatMap { format in MatmulCase.typical(format).map { ($0, format) } }
            .filter { shape, format in
                words.allSatisfy { "matmul \(format.rawValue) \(shape)".contains($0) }
            }
    }

    private func line(
        _ format: String,
        _ shape: String,
        _ numbers: [String],
        _ plan: String
    ) -> String {
        format.padding(toLength: 8, withPad: " ", startingAt: 0)
            + shape.padding(toLength: max(32, shape.count), withPad: " ", startingAt: 0)
            + numbers.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
            + "  " + plan
    }
}

/// Why plans cannot be tuned.
enum TuningError: Error, CustomStringConvertible {
    case noFolder
    case noPlans
    case noProduct

    var description: String {
        switch self {
        case .noFolder:
            "There is no folder for the choices; set HOME or XDG_CACHE_HOME, or give --choices."
        case .noProduct: "No matrix product fits; without --filter and --format all are measured."
        case .noPlans:
            "The CPU family's products have no plans to choose among; --family gpu has."
        }
    }
}
