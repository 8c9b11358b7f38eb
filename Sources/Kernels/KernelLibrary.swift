import Foundation
public import Vulkan

/// Which of its two implementations a heavy operation uses.
public enum KernelFamily: String, Sendable, CaseIterable {
    /// For drivers that run on the host's cores: no shared memory, no barriers, a lane per row.
    case cpu
    /// Subgroups and shared memory.
    case gpu
}

/// The kernels of one device, compiled at first use.
public final class KernelLibrary {
    public let device: Device
    /// Chosen from the device's properties; tests run both families on whatever they have.
    public let family: KernelFamily
    /// Whether a row's bits may not depend on how many rows a step computes. The CPU family's never
    /// do; the GPU family's matrix products then take the same kernel for every number of rows.
    public let isBatchInvariant: Bool
    /// Whether lanes of the CPU family's products show each other what they load, instead of
    /// loading from addresses they share: for CPU drivers that do not see that they share them.
    let broadcastsLoads: Bool
    /// Cores that a CPU driver's workgroups may run on; asking the system takes a file each time.
    let hostCoreCount = ProcessInfo.processInfo.activeProcessorCount

    /// What was measured on this device; empty where nothing was.
    public let choices: KernelChoices
    /// What the choice of matrix products depends on.
    public let matmulDevice: MatmulDevice

    /// The plans so far, one for each shape of product.
    var plans: [MatmulProblem: MatmulPlan] = [:]

    private struct Key: Hashable {
        let shader: String
        let constants: [UInt32]
    }
    private var pipelines: [Key: Pipeline] = [:]

    /// Whether pipelines are compiled by other threads, of which there are as many as cores, until
    /// something that runs them is submitted.
    public var compilesAhead = false
    private var counterBuffer: Buffer?

    /// What kernels need memory for between two dispatches.
    enum Scratch: String {
        case partialSums = "partial sums"
        case quantizedActivations = "quantized activations"
        case inputSums = "input sums"
    }
    private var scratchBuffers: [Scratch: Buffer] = [:]

    /// - Parameters:
    ///   - family: nil for what suits the device.
    ///   - broadcastsLoads: nil for what suits the device.
    ///   - matmulDevice: what products may use of the device; nil for all that is worth it.
    public init(
        _ device: Device,
        family: KernelFamily? = nil,
        isBatchInvariant: Bool = false,
        broadcastsLoads: Bool? = nil,
        choices: KernelChoices = KernelChoices(),
        matmulDevice: MatmulDevice? = nil
    ) {
        self.device = device
        self.broadcastsLoads = broadcastsLoads ?? ((device.properties.mesaRelease ?? 26) < 26)
        let family = family ?? (device.properties.isCPU ? .cpu : .gpu)
        self.family = family
        self.isBatchInvariant = isBatchInvariant || family == .cpu
        self.choices = choices
        self.matmulDevice = matmulDevice ?? MatmulDevice(device.properties)
    }

    /// Lanes of a subgroup in every pipeline of this library.
    public var subgroupSize: Int { device.properties.subgroupSize }

    /// How many pipelines have been compiled.
    public var pipelineCount: Int { pipelines.count }

    /// The pipeline of a shader for a workgroup size and the shader's own constants.
    /// - Throws: `VulkanError` if the driver refuses the shader.
    func pipeline(
        _ shader: Shader,
        workgroupSize: Int,
        _ constants: UInt32...
    ) throws(VulkanError) -> Pipeline {
        try pipeline(shader, workgroupSize: workgroupSize, constants: constants)
    }

    /// The same with the constants as a list.
    func pipeline(
        _ shader: Shader,
        workgroupSize: Int,
        constants: [UInt32]
    ) throws(VulkanError) -> Pipeline {
        let all = [UInt32(workgroupSize), UInt32(subgroupSize)] + constants
        let key = Key(shader: shader.name, constants: all)
        if let pipeline = pipelines[key] { return pipeline }
        let pipeline = try Pipeline(
            device,
            name: shader.name,
            spirv: shader.words,
            constants: all,
            subgroupSize: subgroupSize,
            isAhead: compilesAhead
        )
        pipelines[key] = pipeline
        return pipeline
    }

    /// Memory for the time of a few dispatches; whoever asks next for the same purpose gets the
    /// same memory, so that the recording orders them.
    func scratch(_ purpose: Scratch, byteCount: Int) throws(VulkanError) -> BufferSlice {
        if let buffer = scratchBuffers[purpose], buffer.byteCount >= byteCount {
            return buffer.whole.slice(at: 0, byteCount: byteCount)
        }
        // Rounded up, so that a slightly larger step does not allocate again. A buffer that is
        // replaced lives on in the recordings that use it.
        let rounded = max(1 << 16, powerOfTwo(byteCount))
        let buffer = try Buffer(device, byteCount: rounded, use: .device, label: purpose.rawValue)
        scratchBuffers[purpose] = buffer
        return buffer.whole.slice(at: 0, byteCount: byteCount)
    }
}

extension KernelLibrary {
    /// Counters for work that the last of several workgroups does: uint[count], zero whenever no
    /// kernel runs, for every kernel that counts leaves them so.
    func counters(count: Int) throws(VulkanError) -> BufferSlice {
        if (counterBuffer?.byteCount ?? 0) < 4 * count {
            // A recording that uses the old ones keeps them alive.
            let buffer = try Buffer(
                device,
                byteCount: max(4 * count, 4096),
                use: .device,
                label: "counters"
            )
            try Uploader(device).upload(
                [UInt32](repeating: 0, count: buffer.byteCount / 4),
                to: buffer.whole
            )
            counterBuffer = buffer
        }
        guard let counterBuffer else { preconditionFailure("counters") }
        return counterBuffer.whole.slice(at: 0, byteCount: 4 * count)
    }
}

/// Records kernels: checks shapes, fills parameters, dispatches.
public struct KernelRecorder {
    public let library: KernelLibrary
    /// What has been recorded.
    public var recording = Recording()

    public init(_ library: KernelLibrary) {
        self.library = library
    }
}

/// How many groups of `size` hold `count` things.
func groups(_ count: Int, of size: Int) -> Int {
    (count + size - 1) / size
}

/// The least power of two that is no less than `number`.
func powerOfTwo(_ number: Int) -> Int {
    number <= 1 ? 1 : 1 << (Int.bitWidth - (number - 1).leadingZeroBitCount)
}
