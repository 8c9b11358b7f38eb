import Foundation
import Kernels
import Testing
import Vulkan

@Suite(.needsDevice)
struct PipelineCacheTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("pumice-\(UUID().uuidString)")
    private var file: String { folder.appendingPathComponent("deep/pipelines.bin").path }

    /// Opens a device on the file, compiles a kernel, runs it, and saves.
    private func compile() throws {
        let device = try openDevice(pipelineCacheFile: file)
        let library = KernelLibrary(device)
        let gateUp = try ActivationMatrix(device, rows: 1, columns: 64, label: "gate, up")
        let y = try ActivationMatrix(device, rows: 1, columns: 32, label: "y")
        var recorder = KernelRecorder(library)
        try recorder.gatedActivation(gateUp, .siluMul, into: y, tokenCount: 1)
        try Submitter(device).run(recorder.recording)
        #expect(library.pipelineCount == 1)
        device.savePipelineCache()
    }

    @Test func theCacheIsWrittenAndReadBack() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try compile()
        let first = try #require(FileManager.default.contents(atPath: file))
        #expect(first.count >= 32, "a cache begins with a header of 32 bytes")
        try compile()
        #expect(FileManager.default.contents(atPath: file) == first)
    }

    @Test(arguments: [0, 3, 32, 5000])
    func aFileOfGarbageIsOnlyAMiss(_ byteCount: Int) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = URL(fileURLWithPath: file)
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(repeating: 0xA5, count: byteCount).write(to: path)
        try compile()
    }

    @Test func aFileCutShortIsOnlyAMiss() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try compile()
        let path = URL(fileURLWithPath: file)
        let whole = try Data(contentsOf: path)
        try whole.prefix(whole.count - 1).write(to: path)
        try compile()
    }

    @Test func aFolderThatCannotBeMadeIsNoError() throws {
        let device = try openDevice(pipelineCacheFile: "/dev/null/pipelines.bin")
        device.savePipelineCache()
    }

    @Test func theDefaultFileNamesTheDevice() throws {
        let physical = try Instance().selectDevice(.best)
        let file = try #require(PipelineCache.file(for: physical))
        #expect(file.hasSuffix("/pumice/pipelines-\(physical.properties.cacheKey).bin"))
        #expect(physical.properties.cacheKey.count == 32)
    }
}
