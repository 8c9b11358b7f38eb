import Checkpoints
import Kernels
import Vulkan

/// A run of a model's layers on its device, before there are keys and values.
struct LoadedLayers {
    let library: KernelLibrary
    let decoder: Decoder
    let activations: Activations

    /// Loads a model's layers, a part of them on the device of each library.
    /// - Parameters:
    ///   - maxLength: the most positions a sequence will have.
    ///   - progress: called with the share of the weights read, 0 to 1.
    static func all(
        of file: any ModelCheckpoint,
        _ configuration: ModelConfiguration,
        on libraries: [KernelLibrary],
        _ options: ModelOptions,
        limits: StepLimits,
        maxLength: Int,
        progress: @escaping (Double) -> Void
    ) throws -> [LoadedLayers] {
        let architecture = try Architectures.named(configuration.architecture, file: file.path)
        let shape = AttentionShape(
            configuration,
            architecture,
            file.convention,
            blockSize: options.blockSize,
            kvFormat: options.kvFormat
        )
        let devices = libraries.map(\.device)
        let split = try LayerSplit(
            file,
            configuration,
            shape: shape,
            options: options,
            limits: limits,
            on: devices
        )
        // Each device reads its own part of the file, one after the other.
        var shares = [Double](repeating: 0, count: libraries.count)
        var loaders: [WeightLoader] = []
        let parts = try libraries.enumerated().map { stage, library in
            let loader = try WeightLoader(
                file,
                library.device,
                layout: library.family.weightLayout
            ) { share in
                shares[stage] = share
                progress(min(shares.reduce(0, +), 1))
            }
            loaders.append(loader)
            let layers = split.ranges[stage]
            return LoadedLayers(
                library: library,
                decoder: try Decoder(
                    loader,
                    configuration,
                    architecture,
                    shape: shape,
                    layers: layers,
                    maxLength: maxLength
                ),
                activations: try Activations(
                    library.device,
                    configuration,
                    shape: shape,
                    limits: limits,
                    hasOutput: layers.upperBound == configuration.layerCount
                )
            )
        }
        try WeightLoader.finish(loaders)
        return parts
    }
}
