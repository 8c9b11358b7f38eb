import Foundation
import Kernels
import Testing
import Vulkan

private let environment = ProcessInfo.processInfo.environment

/// Whether the Khronos validation layer is to watch.
let isValidating = environment["PUMICE_VALIDATION"] == "1"

/// A device of the test's own: devices belong to one thread, and tests run on many.
func openDevice(pipelineCacheFile: String? = nil) throws -> Device {
    let instance = try Instance(validation: isValidating)
    let choice = DeviceChoice(environment["PUMICE_DEVICE"] ?? "auto")
    return try Device(instance.selectDevice(choice), pipelineCacheFile: pipelineCacheFile)
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

/// A device with three small matrices and a kernel to run on them, and the layer's verdict at the
/// end.
struct Fixture {
    let device: Device
    let library: KernelLibrary
    let submitter: Submitter
    static let rows = 16
    static let columns = 32

    init() throws {
        device = try openDevice()
        library = KernelLibrary(device)
        submitter = try Submitter(device)
    }

    /// [rows, columns] of one value.
    func matrix(_ value: Float, columns: Int = columns, label: String) throws -> ActivationMatrix {
        let byteCount = Self.rows * columns * 4
        let buffer = try Buffer(device, byteCount: byteCount, use: .readback, label: label)
        buffer.whole.write([Float](repeating: value, count: Self.rows * columns))
        return ActivationMatrix(buffer.whole, rowCapacity: Self.rows, columns: columns)
    }

    /// [rows, 2 * columns], a gate and an up projection of one value each.
    func gateUp(_ value: Float, label: String) throws -> ActivationMatrix {
        try matrix(value, columns: 2 * Self.columns, label: label)
    }

    func values(_ matrix: ActivationMatrix) -> [Float] {
        matrix.slice.read(Float.self, count: Self.rows * matrix.columns)
    }

    /// Expects that the validation layer, if it watched, saw nothing wrong.
    func expectValid(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(device.validationErrorCount == 0, sourceLocation: sourceLocation)
    }
}

extension Recording {
    /// What the commands are, one word each.
    var kinds: [String] {
        commands.map { command in
            switch command {
            case .dispatch: "dispatch"
            case .copy: "copy"
            case .fill: "fill"
            case .barrier: "barrier"
            }
        }
    }
}
