import Checkpoints
import Kernels
import Models
import Testing

struct MemoryEstimateTests {
    private func metadata(
        _ heads: MetadataValue?,
        keyLength: UInt32? = nil,
        architecture: String = "any"
    ) -> Metadata {
        var entries: [Metadata.Entry] = [
            .init(key: "general.architecture", value: .string(architecture)),
            .init(key: "\(architecture).block_count", value: .uint32(4)),
            .init(key: "\(architecture).attention.head_count", value: .uint32(8)),
            .init(key: "\(architecture).embedding_length", value: .uint32(512)),
            .init(key: "\(architecture).context_length", value: .uint32(1000)),
        ]
        if let heads {
            let key = "\(architecture).attention.head_count_kv"
            entries.append(.init(key: key, value: heads))
        }
        if let keyLength {
            let key = "\(architecture).attention.key_length"
            entries.append(.init(key: key, value: .uint32(keyLength)))
        }
        return Metadata(entries)
    }

    @Test func aTokenTakesKeysAndValuesInEveryLayer() throws {
        let geometry = try #require(CacheGeometry(metadata(.uint32(2))))
        #expect(geometry.tokenByteCount(.f16) == 4 * 2 * 2 * 64 * 2)
        #expect(geometry.tokenByteCount(.q8_0) == 4 * 2 * 2 * (64 + 4))
        let wide = try #require(CacheGeometry(metadata(nil, keyLength: 128)))
        #expect(wide.tokenByteCount(.f16) == 4 * 8 * 2 * 128 * 2)
        // Layers that differ, two of them without attention.
        let mixed = try #require(CacheGeometry(metadata(.array(.int32([0, 2, 0, 4])))))
        #expect(mixed.tokenByteCount(.f16) == 6 * 2 * 64 * 2)
    }

    @Test func whatIsNoLanguageModelHasNoGeometry() {
        #expect(CacheGeometry(Metadata([])) == nil)
        #expect(CacheGeometry(metadata(.uint32(0))) == nil)
        #expect(CacheGeometry(metadata(.uint32(2), keyLength: 1 << 20)) == nil)
    }

    @Test(arguments: [
        // What is left of 90 % of 10 GB.
        (total: 10_000, free: 10_000, isCPU: false, weights: 4_000, tokens: 4_882, requests: 4),
        // Others use the device.
        (total: 10_000, free: 4_500, isCPU: false, weights: 4_000, tokens: 488, requests: 0),
        (total: 10_000, free: 3_000, isCPU: false, weights: 4_000, tokens: 0, requests: 0),
        // Of the host's memory no more than 2 GiB.
        (total: 10_000, free: 10_000, isCPU: true, weights: 4_000, tokens: 2_097, requests: 2),
    ])
    func whatIsLeftHoldsTokens(
        total: Int,
        free: Int,
        isCPU: Bool,
        weights: Int,
        tokens: Int,
        requests: Int
    ) throws {
        let megabyte = 1_000_000
        let geometry = try #require(CacheGeometry(metadata(nil, keyLength: 8_000)))
        #expect(geometry.tokenByteCount(.f16) == 1_024_000)
        let estimate = MemoryEstimate(
            geometry,
            .f16,
            weightByteCount: weights * megabyte,
            totalByteCount: total * megabyte,
            availableByteCount: free * megabyte,
            isCPU: isCPU,
            utilization: 0.9
        )
        #expect(estimate.tokenCapacity == tokens && estimate.fullLengthCount == requests)
    }

    @Test func whatCannotBeServedIsSaid() {
        let tensor = TensorInfo(name: "a", shape: [32], dataType: .f32, fileOffset: 0)
        #expect(Architectures.problem("llama", [tensor]) == nil)
        #expect(Architectures.problem("odd", [tensor])?.contains("`odd` is not supported") == true)
        #expect(Architectures.problem(nil, [])?.contains("llama") == true)
    }
}
