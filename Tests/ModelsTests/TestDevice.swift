import Foundation
import Kernels
import Vulkan

/// The device the tests run on.
enum TestDevice {
    private static let environment = ProcessInfo.processInfo.environment
    private static let validation = environment["PUMICE_VALIDATION"] == "1"

    /// Whether there is one, or `REQUIRE_GPU=1` forbids to go without.
    static let isThere: Bool = {
        if environment["REQUIRE_GPU"] == "1" { return true }
        guard let instance = try? Instance() else { return false }
        return (try? instance.selectDevice(.best)) != nil
    }()

    /// The kernels of a family on a device of its own.
    static func library(_ family: KernelFamily) throws -> KernelLibrary {
        try libraries(family, count: 1)[0]
    }

    /// The kernels of a family on devices of their own, which are the same hardware.
    static func libraries(_ family: KernelFamily, count: Int) throws -> [KernelLibrary] {
        let physical = try Instance(validation: validation).selectDevice(.best)
        return try (0..<count).map { _ in
            KernelLibrary(try Device(physical), family: family, isBatchInvariant: true)
        }
    }
}

/// Runs `body` with the path of a folder that does not exist yet, and removes what it made there.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("pumice-models-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
}
