import Foundation
import Kernels
import Testing
import Vulkan

/// Runs what needs the device one at a time: a device belongs to one thread at a time, and so all
/// suites can share one.
@globalActor
actor TestDevice {
    static let shared = TestDevice()
}

/// The device of this process, its kernels in both families, and a queue to run them on.
@TestDevice
final class Workbench {
    let device: Device
    private let submitter: Submitter
    private let libraries: [KernelFamily: KernelLibrary]
    /// The GPU family's, with cooperative matrices on CPU drivers too.
    let matrixLibrary: KernelLibrary
    private static var opened: Result<Workbench, any Error>?

    private init() throws {
        device = try openDevice()
        submitter = try Submitter(device)
        libraries = Dictionary(
            uniqueKeysWithValues: KernelFamily.allCases.map { [device] in
                ($0, KernelLibrary(device, family: $0))
            }
        )
        matrixLibrary = KernelLibrary(
            device,
            family: .gpu,
            matmulDevice: MatmulDevice(device.properties, emulatesMatrices: true)
        )
    }

    /// The process's workbench, opened at first use.
    static func shared() throws -> Workbench {
        let result = opened ?? Result { try Workbench() }
        opened = result
        return try result.get()
    }

    /// Errors the validation layer has reported since the process began.
    static var validationErrorCount: Int {
        (try? opened?.get().device.validationErrorCount) ?? 0
    }

    func library(_ family: KernelFamily) throws -> KernelLibrary {
        try #require(libraries[family])
    }

    /// Records kernels, proves the recording free of hazards, and runs it to its end.
    func run(
        _ family: KernelFamily,
        _ record: (inout KernelRecorder) throws -> Void
    ) throws {
        try run(library(family), record)
    }

    /// The same with kernels of a library of one's own.
    func run(
        _ library: KernelLibrary,
        _ record: (inout KernelRecorder) throws -> Void
    ) throws {
        var recorder = KernelRecorder(library)
        try record(&recorder)
        #expect(recorder.recording.hazards().isEmpty)
        // Old CPU drivers take minutes to compile the largest kernels, at their first dispatch.
        try submitter.wait(submitter.submit(recorder.recording), seconds: 600)
    }

    /// A buffer the device reads, with values in it.
    func input<T: BitwiseCopyable>(_ values: [T], _ label: String) throws -> BufferSlice {
        let byteCount = max(values.count, 1) * MemoryLayout<T>.stride
        let buffer = try Buffer(device, byteCount: byteCount, use: .upload, label: label)
        buffer.whole.write(values)
        return buffer.whole.slice(at: 0, byteCount: byteCount)
    }

    /// Rows the device reads; the rows up to the capacity are not numbers, and may not matter.
    func activations(_ values: [Float], columns: Int, _ label: String) throws -> ActivationMatrix {
        let rows = values.count / columns
        let granularity = ActivationMatrix.rowGranularity
        let capacity = (rows + granularity - 1) / granularity * granularity
        let padding = [Float](repeating: .nan, count: capacity * columns - values.count)
        return ActivationMatrix(
            try input(values + padding, label),
            rowCapacity: capacity,
            columns: columns
        )
    }
}

private let environment = ProcessInfo.processInfo.environment

/// Whether this is an old CPU driver, which takes seconds to compile a kernel (`Scripts/test` says
/// so): tests leave out cases there that differ from others in little, and the family of kernels
/// that no CPU driver is given.
let isSlowDriver = environment["PUMICE_SLOW_DRIVER"] == "1"

/// Whether this is a CPU driver, of whatever age: it takes long to compile what is made for GPUs,
/// of which fewer cases are tested there.
let isCPUDriver = (try? openDevice().properties.isCPU) ?? false

extension KernelFamily {
    static let tested: [KernelFamily] = isSlowDriver ? [.cpu] : allCases
}

private func openDevice() throws -> Device {
    let instance = try Instance(validation: environment["PUMICE_VALIDATION"] == "1")
    let choice = DeviceChoice(environment["PUMICE_DEVICE"] ?? "auto")
    return try Device(instance.selectDevice(choice))
}

/// Why there is no device here; nil if there is one, or if `REQUIRE_GPU=1` forbids to go without.
private let absence: String? = {
    if environment["REQUIRE_GPU"] == "1" { return nil }
    do {
        _ = try openDevice()
        return nil
    } catch {
        return "\(error)"
    }
}()

extension Trait where Self == ConditionTrait {
    /// Skips where there is no Vulkan device, saying why.
    static var needsDevice: Self {
        .enabled(if: absence == nil, Comment(rawValue: absence ?? ""))
    }
}

/// Fails a test during which the validation layer (`PUMICE_VALIDATION=1`) reported errors.
struct Validated: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let before = await Workbench.validationErrorCount
        try await function()
        #expect(await Workbench.validationErrorCount == before, "the validation layer complains")
    }
}

extension Trait where Self == Validated {
    static var validated: Self { Validated() }
}
