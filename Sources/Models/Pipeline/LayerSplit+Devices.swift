import Kernels
import Vulkan

extension LayerSplit {
    /// How a checkpoint's layers are split over devices: as the options say, else by memory.
    /// - Throws: `moreStagesThanLayers`, `badLayerSplit`, or `layersDoNotFit`.
    init(
        _ file: any ModelCheckpoint,
        _ configuration: ModelConfiguration,
        shape: AttentionShape,
        options: ModelOptions,
        limits: StepLimits,
        on devices: [Device]
    ) throws(ModelError) {
        if let shares = options.layerSplit, shares.count != devices.count {
            throw .badLayerSplit(shares: shares, deviceCount: devices.count)
        }
        guard devices.count > 1 else {
            self.init(layerCount: configuration.layerCount)
            return
        }
        let memory = StageMemory(
            file,
            configuration,
            shape: shape,
            options: options,
            limits: limits,
            on: devices
        )
        if let shares = options.layerSplit {
            try self.init(shares: shares, layerCount: configuration.layerCount)
        } else {
            try self.init(memory)
        }
        for (stage, layers) in ranges.enumerated() {
            let byteCount = memory.byteCount(of: layers, on: stage)
            guard byteCount > memory.rooms[stage] else { continue }
            throw .layersDoNotFit(
                layers: layers,
                device: devices[stage].properties.name,
                byteCount: byteCount,
                roomByteCount: memory.rooms[stage]
            )
        }
    }
}
