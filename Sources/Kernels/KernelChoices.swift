import Foundation
public import Vulkan

/// Which plan multiplies matrices of which size on one device: what `pumice bench kernels --tune`
/// measured, where it has been run. What is not in here is chosen by the table.
public struct KernelChoices: Codable, Sendable, Equatable {
    /// Sizes for which one plan is best: all three go up to the next power of two.
    public struct Key: Codable, Hashable, Sendable {
        public let format: WeightFormat
        public let rows: Int
        public let columns: Int
        public let tokens: Int

        public init(_ format: WeightFormat, rows: Int, columns: Int, tokenCount: Int) {
            self.format = format
            self.rows = Kernels.powerOfTwo(rows)
            self.columns = Kernels.powerOfTwo(columns)
            // Beyond this many tokens there are more tiles than any device runs at once.
            tokens = Kernels.powerOfTwo(min(tokenCount, 512))
        }
    }

    private struct Choice: Codable, Equatable {
        let key: Key
        let plan: MatmulPlan
    }

    private var matmul: [Choice] = []

    /// The table decides everything.
    public init() {}

    public subscript(key: Key) -> MatmulPlan? {
        get { matmul.first { $0.key == key }?.plan }
        set {
            matmul.removeAll { $0.key == key }
            if let newValue { matmul.append(Choice(key: key, plan: newValue)) }
        }
    }

    public var count: Int { matmul.count }

    /// Where a device's choices are kept, beside its pipelines; nil where there is no such place.
    public static func file(
        for device: PhysicalDevice,
        in folder: String? = PipelineCache.folder
    ) -> String? {
        folder.map { "\($0)/kernels-\(device.properties.cacheKey).json" }
    }

    /// A file's choices. A file that is not there, or not understood, is an empty one: the driver
    /// or the kernels may have changed since it was written.
    public init(file: String?) {
        self = Self.stored(file) ?? KernelChoices()
    }

    /// Writes the choices, for `init(file:)` to read.
    public func write(to file: String) throws {
        let url = URL(fileURLWithPath: file)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: url, options: .atomic)
    }

    private static let maxFileByteCount = 1 << 20

    private static func stored(_ file: String?) -> KernelChoices? {
        guard let file, let data = FileManager.default.contents(atPath: file),
            data.count <= maxFileByteCount
        else { return nil }
        return try? JSONDecoder().decode(KernelChoices.self, from: data)
    }
}
