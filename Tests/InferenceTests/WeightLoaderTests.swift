import Checkpoints
import Foundation
import Kernels
import Models
import Testing
import Vulkan

/// A model's weights on their way from the file to the device.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct WeightLoaderTests {
    /// Weights, and as much again as a tenth of them: nothing of the file stays in memory. (On a
    /// CPU driver the device's memory is the process's.)
    @Test(arguments: KernelFamily.allCases)
    func loadingTakesHardlyMoreMemoryThanTheWeights(_ family: KernelFamily) throws {
        let file = try GGUFFile(path: try #require(TestModel.path))
        let device = try Device(Instance().selectDevice(.best))
        // The kernel then counts the peak from here.
        try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
        let before = try peakByteCount()
        let weights = try load(file, device, family, stagesAlways: false)
        let growth = try peakByteCount() - before
        let byteCount = weights.reduce(0) { $0 + $1.byteCount }
        print("\(growth >> 10) KiB at the peak for \(byteCount >> 10) KiB of weights")
        #expect(Double(growth) < 1.1 * Double(byteCount))
        if device.properties.isCPU { #expect(Double(growth) > 0.5 * Double(byteCount)) }
    }

    @Test(arguments: KernelFamily.allCases)
    func stagingBuffersBringTheSameBytes(_ family: KernelFamily) throws {
        let file = try GGUFFile(path: try #require(TestModel.path))
        let device = try Device(Instance().selectDevice(.best))
        let direct = try load(file, device, family, stagesAlways: false)
        let staged = try load(file, device, family, stagesAlways: true)
        #expect(direct.count == staged.count && direct.count > 200)
        for (direct, staged) in zip(direct, staged) where direct.storage.buffer.isMapped {
            let planes = direct.format.planes(
                direct.layout,
                rows: direct.rows,
                columns: direct.columns
            )
            for plane in planes.all where !plane.isEmpty {
                #expect(bytes(direct, plane) == bytes(staged, plane))
            }
        }
    }

    @Test func progressRisesToOne() throws {
        let file = try GGUFFile(path: try #require(TestModel.path))
        let device = try Device(Instance().selectDevice(.best))
        var shares: [Double] = []
        _ = try load(file, device, .gpu, stagesAlways: false) { shares.append($0) }
        #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 < $1 })
        #expect(shares.first.map { $0 > 0 && $0 < 1 } == true && shares.last == 1)
    }

    private func load(
        _ file: GGUFFile,
        _ device: Device,
        _ family: KernelFamily,
        stagesAlways: Bool,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws -> [WeightMatrix] {
        let loader = try WeightLoader(
            file,
            device,
            layout: family.weightLayout,
            stagesAlways: stagesAlways,
            progress: progress
        )
        var matrices: [WeightMatrix] = []
        for tensor in file.tensors {
            guard tensor.shape.count == 2 else {
                _ = try loader.vector(tensor.name, count: tensor.elementCount)
                continue
            }
            matrices.append(
                try loader.matrix(tensor.name, rows: tensor.shape[0], columns: tensor.shape[1])
            )
        }
        try loader.finish()
        return matrices
    }

    private func bytes(_ matrix: WeightMatrix, _ range: Range<Int>) -> [UInt8] {
        matrix.storage.read(UInt8.self, at: range.lowerBound, count: range.count)
    }

    /// The most memory the process has had resident, by the kernel's account.
    private func peakByteCount() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first) << 10
    }
}
