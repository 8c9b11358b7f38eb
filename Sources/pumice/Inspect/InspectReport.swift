import Checkpoints
import Foundation
import Kernels
import Models
import Vulkan

/// What `pumice inspect` has to say of a checkpoint.
struct InspectReport: Encodable {
    /// The tensors of one type.
    struct TypeTotal: Encodable {
        let type: String
        let tensorCount: Int
        let parameterCount: Int
        let byteCount: Int
    }

    /// What the KV cache takes in one format, and how much of it fits on a device.
    struct Cache: Encodable {
        let format: String
        let byteCountPerToken: Int
        /// Tokens that fit, and requests of the full length; nil without a device or a model.
        let tokenCapacity: Int?
        let fullLengthCount: Int?
    }

    struct Tensor: Encodable {
        let name: String
        let type: String
        let shape: [Int]
        let byteCount: Int
    }

    let format: String
    let architecture: String?
    let name: String?
    let parameterCount: Int
    let byteCount: Int
    let contextLength: Int?
    /// Why it cannot be served; nil if nothing tells so before loading.
    let problem: String?
    let types: [TypeTotal]
    /// The devices' names; nil: there is none.
    let device: String?
    /// How many layers each of several devices would have.
    let layerSplit: [Int]?
    let deviceBudgetByteCount: Int?
    let caches: [Cache]
    let metadata: [String: InspectedValue]
    let tensors: [Tensor]
    private let geometry: CacheGeometry?

    /// - Parameter devices: which would have the layers, in their order.
    /// - Throws: `ModelError` if they are too many.
    init(_ checkpoint: InspectedCheckpoint, on devices: [PhysicalDevice]) throws {
        format = checkpoint.format
        let named = try? checkpoint.metadata.optionalString("general.architecture")
        architecture = named
        name = try? checkpoint.metadata.optionalString("general.name")
        types = Dictionary(grouping: checkpoint.tensors, by: \.dataType).map { type, tensors in
            TypeTotal(
                type: type.description,
                tensorCount: tensors.count,
                parameterCount: tensors.reduce(0) { $0 + $1.elementCount },
                byteCount: tensors.reduce(0) { $0 + $1.byteCount }
            )
        }.sorted { $0.byteCount > $1.byteCount }
        parameterCount = types.reduce(0) { $0 + $1.parameterCount }
        let byteCount = types.reduce(0) { $0 + $1.byteCount }
        self.byteCount = byteCount
        let geometry = CacheGeometry(checkpoint.metadata)
        self.geometry = geometry
        contextLength = geometry?.contextLength
        problem = Architectures.problem(named, checkpoint.tensors)
        device =
            devices.isEmpty
            ? nil : devices.map(\.properties.name).joined(separator: " and ")
        func estimate(_ geometry: CacheGeometry, _ format: KVFormat) throws -> MemoryEstimate? {
            guard !devices.isEmpty else { return nil }
            return try MemoryEstimate(geometry, format, checkpoint.tensors, on: devices)
        }
        let first = try geometry.flatMap { try estimate($0, .f16) }
        deviceBudgetByteCount = first?.budgetByteCount
        layerSplit = devices.count > 1 ? first?.layerSplit : nil
        caches = try KVFormat.allCases.compactMap { format in
            guard let geometry, geometry.headSize % format.headSizeMultiple == 0 else { return nil }
            let estimate = try estimate(geometry, format)
            return Cache(
                format: format.rawValue,
                byteCountPerToken: geometry.tokenByteCount(format),
                tokenCapacity: estimate?.tokenCapacity,
                fullLengthCount: estimate?.fullLengthCount
            )
        }
        metadata = Dictionary(
            uniqueKeysWithValues: checkpoint.metadata.entries.map {
                ($0.key, InspectedValue(value: $0.value))
            }
        )
        tensors = checkpoint.tensors.map {
            Tensor(
                name: $0.name,
                type: "\($0.dataType)",
                shape: $0.shape,
                byteCount: $0.byteCount
            )
        }
    }

    private enum CodingKeys: CodingKey {
        case format, architecture, name, parameterCount, byteCount, contextLength, problem, types
        case device, layerSplit, deviceBudgetByteCount, caches, metadata, tensors
    }
}

extension InspectReport: CustomStringConvertible {
    /// The report for people, without metadata and tensors.
    var description: String {
        let title = [format, architecture, name].compactMap(\.self).joined(separator: ", ")
        return ([title, problem ?? "Pumice serves it."] + table + fit).joined(separator: "\n")
    }

    private var table: [String] {
        let rows =
            types + [
                TypeTotal(
                    type: "all",
                    tensorCount: tensors.count,
                    parameterCount: parameterCount,
                    byteCount: byteCount
                )
            ]
        return ["Weights"]
            + rows.map { row in
                let type = row.type.padding(toLength: 8, withPad: " ", startingAt: 0)
                return "  \(type) \(row.tensorCount) tensors, "
                    + String(format: "%.1f", Double(row.parameterCount) / 1e6)
                    + " M parameters, \(Self.size(row.byteCount))"
            }
    }

    private var fit: [String] {
        guard let geometry else { return ["Its metadata does not say what the KV cache takes."] }
        let heads =
            geometry.kvHeadCount % geometry.layerCount == 0
            ? "\(geometry.kvHeadCount / geometry.layerCount) KV heads"
            : "\(geometry.kvHeadCount) KV heads in all"
        let place = zip(device, deviceBudgetByteCount).map { "on \($0), with \(Self.size($1))" }
        return [
            "KV cache, \(geometry.layerCount) layers, \(heads) of \(geometry.headSize), context "
                + "\(geometry.contextLength)"
                + (place.map { "; \($0) for weights and cache" } ?? "")
                + (layerSplit.map {
                    "; layers \($0.map(String.init).joined(separator: " + "))"
                } ?? "")
        ]
            + caches.map { cache in
                let format = cache.format.padding(toLength: 8, withPad: " ", startingAt: 0)
                let perToken = String(format: "%.1f", Double(cache.byteCountPerToken) / 1024)
                let room = zip(cache.tokenCapacity, cache.fullLengthCount).map { tokens, requests in
                    tokens == 0
                        ? "; the weights do not fit"
                        : "; \(tokens) tokens fit, \(requests) requests of full length"
                }
                return "  \(format) \(perToken) KiB a token" + (room ?? "")
            }
    }

    private static func size(_ byteCount: Int) -> String {
        byteCount < 1 << 30
            ? String(format: "%.1f MiB", Double(byteCount) / Double(1 << 20))
            : String(format: "%.2f GiB", Double(byteCount) / Double(1 << 30))
    }

    private func zip<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
        if let a, let b { (a, b) } else { nil }
    }
}
