import Kernels
import ShaderParams
public import Vulkan

/// The adapters on the device, and where kernels find them. Belongs to the model's thread.
///
/// Adapters have slots. A table names the factors of each matrix and slot; those of an empty slot,
/// and of matrices that an adapter leaves alone, are of rank 0.
public final class AdapterPool {
    public let limits: AdapterLimits
    /// What adapters may change.
    public let targets: AdapterTargets
    /// [tokens with an adapter, changes of one place], between the two kernels of a change.
    let hidden: ActivationMatrix
    private let device: Device
    private let uploader: Uploader
    /// What factors of rank 0 point to; see Shaders/include/lora.glsl.
    private let zeros: BufferSlice
    private let factors: BufferSlice
    /// What is in `factors`.
    private var table: [LoRAFactors]
    /// By layer and place.
    private let stacks: [LoRAStack]
    private var residents: [Resident?]

    /// An adapter on the device.
    private struct Resident {
        /// Whether it changes something, by layer and place.
        var touches: [Bool]
        /// What holds its factors.
        var weights: [BufferSlice]
    }

    /// - Parameter tokenCount: the most tokens of a step.
    init(
        _ device: Device,
        _ targets: AdapterTargets,
        _ limits: AdapterLimits,
        tokenCount: Int
    ) throws(VulkanError) {
        self.device = device
        self.targets = targets
        self.limits = limits
        uploader = try Uploader(device)
        let stride = MemoryLayout<LoRAFactors>.stride
        let places = AdaptedPlace.allCases
        let counts = places.map { targets.matrices(of: $0).count }
        let perLayer = counts.reduce(0, +) * limits.count
        factors = try Buffer(
            device,
            byteCount: perLayer * targets.layerCount * stride,
            use: .device,
            label: "adapters"
        ).whole
        zeros = try Buffer(device, byteCount: 4096, use: .device, label: "no adapter").whole
        var stacks: [LoRAStack] = []
        var table: [LoRAFactors] = []
        for _ in 0..<targets.layerCount {
            for place in places {
                let matrices = targets.matrices(of: place)
                stacks.append(
                    LoRAStack(
                        factors: factors.slice(
                            at: table.count * stride,
                            byteCount: matrices.count * limits.count * stride
                        ),
                        slotCount: limits.count,
                        rowCounts: matrices.map(\.rows),
                        maxRank: limits.storedRank
                    )
                )
                var column = 0
                for matrix in matrices {
                    let none = LoRAFactors(
                        a: zeros.address,
                        b: zeros.address,
                        rank: 0,
                        rows: UInt32(matrix.rows),
                        column: UInt32(column),
                        unused: 0
                    )
                    table += [LoRAFactors](repeating: none, count: limits.count)
                    column += matrix.rows
                }
            }
        }
        self.stacks = stacks
        self.table = table
        residents = [Resident?](repeating: nil, count: limits.count)
        hidden = try ActivationMatrix(
            device,
            rows: tokenCount,
            columns: limits.storedRank * (counts.max() ?? 1),
            label: "low rank"
        )
        try uploader.upload([Float](repeating: 0, count: zeros.byteCount / 4), to: zeros)
        try uploader.upload(table, to: factors)
        try uploader.finish()
    }

    /// Bytes to leave free for as many adapters of the greatest rank as there may be.
    var reservedByteCount: Int { limits.count * targets.byteCount(rank: limits.maxRank) }

    /// Slots without an adapter.
    public var freeCount: Int { residents.count { $0 == nil } }

    /// Brings an adapter to the device. No step that was started may still run.
    /// - Returns: its slot.
    /// - Throws: `VulkanError` if the device's memory does not hold it; nothing is changed then.
    public func load(_ adapter: LoRAAdapter) throws(VulkanError) -> Int {
        guard let slot = residents.firstIndex(where: { $0 == nil }) else {
            preconditionFailure("\(limits.count) of \(limits.count) adapters are loaded")
        }
        let arena = Arena(device, use: .device, label: "adapter", slabByteCount: 8 << 20)
        var resident = Resident(touches: [], weights: [])
        var table = self.table
        var entry = slot
        for layer in 0..<targets.layerCount {
            for place in AdaptedPlace.allCases {
                var touches = false
                for matrix in targets.matrices(of: place) {
                    let name = "blk.\(layer).\(matrix.part)"
                    if let change = adapter.changes[name] {
                        touches = true
                        let a = try upload(change.a, name, arena, &resident)
                        let b = try upload(change.b, name, arena, &resident)
                        table[entry].a = a.address
                        table[entry].b = b.address
                        table[entry].rank = UInt32(change.rank)
                    }
                    entry += limits.count
                }
                resident.touches.append(touches)
            }
        }
        try uploader.upload(table, to: factors)
        try uploader.finish()
        self.table = table
        residents[slot] = resident
        return slot
    }

    private func upload(
        _ values: [Float],
        _ name: String,
        _ arena: Arena,
        _ resident: inout Resident
    ) throws(VulkanError) -> BufferSlice {
        let slice = try arena.allocate(byteCount: 4 * values.count, label: name)
        try uploader.upload(values, to: slice)
        if resident.weights.last?.buffer !== slice.buffer {
            resident.weights.append(slice.buffer.whole)
        }
        return slice
    }

    /// Forgets an adapter and frees its memory. No step that was started may still run.
    public func unload(slot: Int) throws(VulkanError) {
        precondition(residents[slot] != nil, "slot \(slot) of \(limits.count) has no adapter")
        for entry in stride(from: slot, to: table.count, by: limits.count) {
            table[entry].a = zeros.address
            table[entry].b = zeros.address
            table[entry].rank = 0
        }
        try uploader.upload(table, to: factors)
        try uploader.finish()
        residents[slot] = nil
    }

    /// What some slots' adapters change at a place; nil if nothing. An empty slot counts as one
    /// that changes everything by zero, for warming up.
    func stack(layer: Int, _ place: AdaptedPlace, slots: [Int]) -> LoRAStack? {
        let index = layer * AdaptedPlace.allCases.count + place.rawValue
        guard slots.contains(where: { residents[$0]?.touches[index] ?? true }) else { return nil }
        return stacks[index].rowCounts.isEmpty ? nil : stacks[index]
    }

    /// What holds the factors of some slots.
    func weights(slots: [Int]) -> [BufferSlice] { slots.flatMap { residents[$0]?.weights ?? [] } }
}
