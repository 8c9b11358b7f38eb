import ArgumentParser
import Benchmarking
import Foundation
import Kernels
import Vulkan

/// `pumice bench kernels`: every kernel against what this device can do at most.
struct BenchKernels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Time every kernel, as a share of this device's own bandwidth and FMA peak.",
        discussion: """
            The ceilings are measured first: a copy within memory, and chains of FMAs, which know \
            nothing of matrix units. Times are the device's own, medians. A run takes the next of \
            several matrices, or of several places in the KV cache, 256 MiB in all, so that it \
            finds them in memory and not in a cache; activations, which a model has just \
            written, stay where they are.
            """
    )

    @Option(help: "The Vulkan device, as for `serve`.")
    var device = "auto"

    @Option(help: "Only cases whose name contains this, such as `matmul q4_1`.")
    var filter: [String] = []

    @Option(help: "Only cases of this format, such as q4_1 or f16.")
    var format: String?

    @Option(help: "gpu or cpu: the kernels made for the other kind of device; by default for this.")
    var family: KernelFamily?

    @Option(help: "Seconds for the runs of one case, of which there are at least three.")
    var seconds = 0.3

    @Flag(
        help: """
            Measure the plans of every matrix product that fits, and keep those that beat the \
            table's in this device's choice file, which `serve` reads.
            """
    )
    var tune = false

    @Option(help: "Another choice file than this device's own.")
    var choices: String?

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard seconds >= 0, seconds <= 60 else {
            throw ValidationError("--seconds is \(seconds); it must be in 0...60.")
        }
    }

    private var cases: [KernelCase] {
        KernelCase.all().filter { item in
            let words = filter.flatMap { $0.split(separator: " ") }
            return words.allSatisfy { item.name.contains($0) }
                && (format == nil || item.format == format)
        }
    }

    func run() throws {
        let physical = try Instance().selectDevice(DeviceChoice(device))
        let opened = try Device(physical)
        let file = choices ?? KernelChoices.file(for: physical)
        let library = KernelLibrary(
            opened,
            family: family,
            choices: tune ? KernelChoices() : KernelChoices(file: file)
        )
        print("device:    \(opened.properties.name) (\(opened.properties.driver))")
        print("kernels:   \(library.family.rawValue) family, \(library.choices.count) tuned")
        let bench = try KernelWorkbench(library)
        if tune {
            guard library.family == .gpu else { throw TuningError.noPlans }
            guard let file else { throw TuningError.noFolder }
            try tune(bench, file)
        } else {
            try measure(bench)
        }
    }

    private func measure(_ bench: KernelWorkbench) throws {
        let cases = cases
        guard !cases.isEmpty else {
            throw ValidationError("No case fits; without --filter and --format all are run.")
        }
        let ceilings = try bench.ceilings()
        print(
            "ceilings:  \(number(ceilings.copyBytesPerSecond * 1e-9)) GB/s copied, "
                + "\(number(ceilings.fmaFLOPSPerSecond * 1e-9)) GFLOP/s of FMAs"
        )
        print(row("kernel", "format", "shape", ["us", "GB/s", "GFLOP/s", "% copy", "% FMA"]))
        var measurements: [KernelMeasurement] = []
        for item in cases {
            let result = try bench.measure(item, ceilings, budget: seconds)
            measurements.append(result)
            let numbers = [
                result.medianMicroseconds, result.gigabytesPerSecond, result.gflopsPerSecond,
                100 * result.copyShare, 100 * result.fmaShare,
            ]
            print(row(result.kernel, result.format, result.shape, numbers.map { number($0) }))
            // Cases take seconds: each is shown at once, where this is a pipe or a file too.
            fflush(nil)
        }
        try output.write(
            BenchReport(
                benchmark: "kernels",
                device: bench.device.properties.name,
                driver: bench.device.properties.driver,
                settings: Settings(
                    family: bench.library.family.rawValue,
                    filter: filter,
                    format: format,
                    seconds: seconds,
                    coldBytes: bench.coldByteCount,
                    tunedProducts: bench.library.choices.count
                ),
                results: Results(ceilings: ceilings, kernels: measurements)
            )
        )
    }

    private struct Settings: Encodable {
        let family: String
        let filter: [String]
        let format: String?
        let seconds: Double
        let coldBytes: Int
        let tunedProducts: Int
    }

    private struct Results: Encodable {
        let ceilings: DeviceCeilings
        let kernels: [KernelMeasurement]
    }

    private func number(_ value: Double) -> String {
        String(format: value < 1000 ? "%.1f" : "%.0f", value)
    }

    private func row(
        _ kernel: String,
        _ format: String,
        _ shape: String,
        _ numbers: [String]
    ) -> String {
        kernel.padding(toLength: 16, withPad: " ", startingAt: 0)
            + format.padding(toLength: 8, withPad: " ", startingAt: 0)
            + shape.padding(toLength: max(44, shape.count), withPad: " ", startingAt: 0)
            + numbers.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
    }
}
