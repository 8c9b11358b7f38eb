import Kernels
import Vulkan

/// What a device can do at most, measured on it by two small kernels.
public struct DeviceCeilings: Sendable, Encodable, Equatable {
    /// Bytes a second, read and written, of a copy in memory.
    public let copyBytesPerSecond: Double
    /// Floating-point operations a second of multiplications and additions, matrix units aside.
    public let fmaFLOPSPerSecond: Double

    private enum CodingKeys: String, CodingKey {
        case copyBytesPerSecond
        case fmaFLOPSPerSecond = "fma_flops_per_second"
    }

    public init(copyBytesPerSecond: Double, fmaFLOPSPerSecond: Double) {
        self.copyBytesPerSecond = copyBytesPerSecond
        self.fmaFLOPSPerSecond = fmaFLOPSPerSecond
    }

    /// The shortest time in which so many bytes could be moved and so much computed.
    public func floor(bytes: Int, flops: Int) -> Double {
        max(Double(bytes) / copyBytesPerSecond, Double(flops) / fmaFLOPSPerSecond)
    }
}

extension KernelWorkbench {
    /// Measures the device's ceilings, medians of several runs.
    ///
    /// The copy is the faster of two ways: a kernel's, and the device's own command, which on CPU
    /// drivers is several times as fast as any kernel.
    public func ceilings() throws -> DeviceCeilings {
        let size = coldByteCount
        let x = try random(byteCount: size, .words, "x")
        let y = try random(byteCount: size, .words, "y")
        let copy = try median(budget: 0.5) { (recorder, _) throws(VulkanError) in
            try recorder.copy(x, into: y)
        }
        let command = try commandSeconds { $0.copy(from: x, to: y) }
        return DeviceCeilings(
            copyBytesPerSecond: Double(2 * x.byteCount) / min(copy.seconds, command),
            fmaFLOPSPerSecond: try library.fmaChains.map(fmaPeak).max() ?? 0
        )
    }

    private func fmaPeak(_ chains: FMAChains) throws -> Double {
        // Enough invocations for every lane of the largest device, or of a host's cores.
        let count = device.properties.isCPU ? 1 << 14 : 1 << 20
        let y = try random(byteCount: 4 * count, .floats, "y")
        func seconds(rounds: Int, budget: Double) throws -> Double {
            try median(budget: budget) { (recorder, _) throws(VulkanError) in
                try recorder.fmaPeak(
                    chains,
                    rounds: rounds,
                    factor: 0.999,
                    addend: 0.001,
                    into: y
                )
            }.seconds
        }
        let few = 4
        let rounds = min(
            max(few, Int(0.02 / (try seconds(rounds: few, budget: 0)) * Double(few))),
            1 << 16
        )
        return Double(count * chains.flops(rounds: rounds))
            / (try seconds(rounds: rounds, budget: 0.5))
    }
}
