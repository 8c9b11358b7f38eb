import Testing
import Vulkan

/// Bytes on their way to the device, written directly and through staging buffers.
@Suite(.serialized, .needsDevice)
struct UploaderTests {
    /// More than all staging buffers hold, so that each is used again.
    @Test(arguments: [false, true])
    func manyBytesArriveInOrder(stagesAlways: Bool) throws {
        let device = try openDevice()
        let uploader = try Uploader(device, stagesAlways: stagesAlways)
        let count = Uploader.maxByteCount / 4 * 5 + 77
        let buffer = try Buffer(device, byteCount: 4 * count, use: .readback, label: "target")
        #expect(uploader.writesDirectly(buffer.whole) == !stagesAlways)
        let values = (0..<UInt32(count)).map { $0 &* 2_654_435_761 }
        try uploader.upload(values, to: buffer.whole)
        try uploader.finish()
        let arrived = buffer.whole.read(UInt32.self, count: count)
        let wrong = zip(arrived, values).enumerated().first { $0.element.0 != $0.element.1 }
        #expect(wrong == nil, "the first wrong word, and what it should be")
        #expect(device.validationErrorCount == 0)
    }

    /// Ranges of a staging buffer land in slices of their own; what lies between stays.
    @Test func piecesLandApart() throws {
        let device = try openDevice()
        let uploader = try Uploader(device, stagesAlways: true)
        let buffer = try Buffer(device, byteCount: 1024, use: .readback, label: "target")
        buffer.whole.write([UInt8](repeating: 0xEE, count: 1024))
        for round in 0..<7 as Range<UInt8> {
            let at = 128 * Int(round)
            let slices = [(at, 20), (at + 64, 0), (at + 100, 4)].map {
                buffer.whole.slice(at: $0.0, byteCount: $0.1)
            }
            try uploader.stage([0..<20, 64..<64, 64..<68], to: slices) { bytes in
                for i in 0..<68 { bytes.storeBytes(of: round, toByteOffset: i, as: UInt8.self) }
            }
        }
        try uploader.finish()
        let arrived = buffer.whole.read(UInt8.self, count: 1024)
        for (index, byte) in arrived.enumerated() {
            let (round, offset) = (index / 128, index % 128)
            let isWritten = round < 7 && (offset < 20 || (100..<104).contains(offset))
            #expect(byte == (isWritten ? UInt8(round) : 0xEE), "byte \(index)")
        }
        #expect(device.validationErrorCount == 0)
    }

    /// A fill that fails costs nothing but its own bytes.
    @Test func anErrorLeavesTheRingInOrder() throws {
        struct Stop: Error {}
        let device = try openDevice()
        let uploader = try Uploader(device, stagesAlways: true)
        let buffer = try Buffer(device, byteCount: 64, use: .readback, label: "target")
        for round in 0..<9 as Range<UInt32> {
            #expect(throws: Stop.self) {
                try uploader.stage([0..<4], to: [buffer.whole.slice(at: 0, byteCount: 4)]) { _ in
                    throw Stop()
                }
            }
            try uploader.upload([round], to: buffer.whole)
        }
        try uploader.finish()
        #expect(buffer.whole.read(UInt32.self, count: 1) == [8])
    }
}
