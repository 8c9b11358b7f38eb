import CVulkan
import Foundation

/// Compiled pipelines that survive the process, one file for each device and driver.
///
/// A file that cannot be read, or that another driver wrote, is a miss and nothing worse.
public final class PipelineCache {
    let handle: VkPipelineCache
    private let file: String?
    private var savedByteCount = 0

    init(_ api: PumiceDeviceFunctions, _ device: VkDevice, file: String?) throws(VulkanError) {
        self.file = file
        let stored = file.flatMap { FileManager.default.contents(atPath: $0) } ?? Data()
        // The driver checks the header (vendor, device, cache UUID) and ignores what is not its
        // own.
        var cache: VkPipelineCache?
        let result = stored.withUnsafeBytes { bytes in
            var info = VkPipelineCacheCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO
            info.initialDataSize = bytes.count
            info.pInitialData = bytes.baseAddress
            return api.CreatePipelineCache(device, &info, nil, &cache)
        }
        try check(result, "vkCreatePipelineCache")
        guard let cache else { throw .callFailed(call: "vkCreatePipelineCache", result: 0) }
        handle = cache
        savedByteCount = stored.count
    }

    func destroy(_ api: PumiceDeviceFunctions, _ device: VkDevice) {
        api.DestroyPipelineCache(device, handle, nil)
    }

    /// Where what was found out about devices is kept: `$XDG_CACHE_HOME/pumice`, else
    /// `~/.cache/pumice`; nil without a home.
    public static var folder: String? {
        let environment = ProcessInfo.processInfo.environment
        if let cache = environment["XDG_CACHE_HOME"], !cache.isEmpty { return cache + "/pumice" }
        if let home = environment["HOME"], !home.isEmpty { return home + "/.cache/pumice" }
        return nil
    }

    /// Where pipelines of this device are kept.
    public static func file(
        for device: PhysicalDevice,
        in folder: String? = PipelineCache.folder
    ) -> String? {
        folder.map { "\($0)/pipelines-\(device.properties.cacheKey).bin" }
    }

    /// Writes the cache to its file if it grew. A failure is not an error: the next start compiles.
    func save(_ api: PumiceDeviceFunctions, _ device: VkDevice) {
        guard let file else { return }
        var size = 0
        guard api.GetPipelineCacheData(device, handle, &size, nil) == VK_SUCCESS,
            size > savedByteCount
        else { return }
        var data = Data(count: size)
        let result = data.withUnsafeMutableBytes {
            api.GetPipelineCacheData(device, handle, &size, $0.baseAddress)
        }
        guard result == VK_SUCCESS else { return }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? data.prefix(size).write(to: URL(fileURLWithPath: file), options: .atomic)
        savedByteCount = size
    }
}

extension Device {
    /// Writes compiled pipelines to disk, if there are new ones.
    public func savePipelineCache() {
        pipelineCache.save(api, handle)
    }
}
