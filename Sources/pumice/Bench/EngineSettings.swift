import Kernels
import Models

/// The engine's flags in a report.
struct EngineSettings: Encodable {
    let device: String
    let maxModelLen: Int?
    let maxNumSeqs: Int
    let maxNumBatchedTokens: Int?
    let blockSize: Int
    let numGpuBlocks: Int?
    let gpuMemoryUtilization: Double
    let kvCacheDtype: String
    let quantization: String?
    let batchInvariant: Bool
    let enablePrefixCaching: Bool

    init(_ flags: EngineFlags) {
        device = flags.device
        maxModelLen = flags.maxModelLen
        maxNumSeqs = flags.maxNumSeqs
        maxNumBatchedTokens = flags.maxNumBatchedTokens
        blockSize = flags.blockSize
        numGpuBlocks = flags.numGpuBlocks
        gpuMemoryUtilization = flags.gpuMemoryUtilization
        kvCacheDtype = flags.kvCacheDtype.rawValue
        quantization = flags.quantization?.rawValue
        batchInvariant = flags.batchInvariant
        enablePrefixCaching = flags.enablePrefixCaching
    }
}
