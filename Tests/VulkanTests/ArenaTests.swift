import Testing
import Vulkan

@Suite(.needsDevice)
struct ArenaTests {
    private let device: Device

    init() throws {
        device = try openDevice()
    }

    @Test func piecesAreAlignedAndDoNotOverlap() throws {
        let arena = Arena(device, use: .upload, label: "arena", slabByteCount: 4096)
        let pieces = try [1, 255, 256, 257, 1000, 4, 900, 900].map {
            try arena.allocate(byteCount: $0, label: "piece")
        }
        for (index, piece) in pieces.enumerated() {
            #expect(piece.address % UInt64(Arena.alignment) == 0)
            for other in pieces[..<index] {
                let isApart =
                    piece.address >= other.address + UInt64(other.byteCount)
                    || other.address >= piece.address + UInt64(piece.byteCount)
                #expect(isApart)
            }
        }
    }

    @Test func smallPiecesShareASlabAndLargeOnesHaveTheirOwn() throws {
        let arena = Arena(device, use: .upload, label: "arena", slabByteCount: 4096)
        let first = try arena.allocate(byteCount: 100, label: "first")
        let second = try arena.allocate(byteCount: 100, label: "second")
        let large = try arena.allocate(byteCount: 3000, label: "large")
        let third = try arena.allocate(byteCount: 100, label: "third")
        #expect(first.buffer === second.buffer && second.buffer === third.buffer)
        #expect(large.buffer !== first.buffer)
        #expect(large.byteCount == 3000)
        #expect(large.buffer.label == "arena.large")
    }

    @Test func aFullSlabIsFollowedByAnother() throws {
        let arena = Arena(device, use: .upload, label: "arena", slabByteCount: 1024)
        let pieces = try (0..<5).map { try arena.allocate(byteCount: 256, label: "\($0)") }
        #expect(pieces[0].buffer === pieces[3].buffer)
        #expect(pieces[4].buffer !== pieces[0].buffer)
    }

    @Test func aPieceBeyondTheLargestAllocationIsRefusedByName() throws {
        let arena = Arena(device, use: .device, label: "weights")
        let limit = device.properties.maxAllocationByteCount
        let error = #expect(throws: VulkanError.self) {
            _ = try arena.allocate(byteCount: limit + 1, label: "output")
        }
        #expect(error?.description.contains("weights.output") == true)
    }

    @Test func memoryIsGivenBackWithItsLastSlice() throws {
        let before = device.allocatedByteCount
        do {
            let buffer = try Buffer(device, byteCount: 1000, use: .device, label: "short-lived")
            #expect(device.allocatedByteCount == before + 1024)
            #expect(buffer.whole.byteCount == 1024)
        }
        #expect(device.allocatedByteCount == before)
    }
}
