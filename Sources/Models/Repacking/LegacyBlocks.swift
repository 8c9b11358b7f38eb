// ggml's first formats, and MXFP4: 32 weights. Their nibbles are in the device's order already.

/// half d, 16 bytes of nibbles; IQ4_NL too.
enum Q4_0Block: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.store(bytes.load(block, as: UInt16.self), planes.scales)
        storage.copy16(bytes, block + 2, planes.quants)
    }
}

/// half d, half m, 16 bytes of nibbles.
enum Q4_1Block: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.store(bytes.load(block, as: UInt32.self), planes.scales)
        storage.copy16(bytes, block + 4, planes.quants)
    }
}

/// half d, 32 fifth bits, 16 bytes of nibbles.
enum Q5_0Block: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.store(bytes.load(block, as: UInt16.self), planes.scales)
        storage.store(spreadBits(bytes.load(block + 2, as: UInt32.self)), planes.highBits)
        storage.copy16(bytes, block + 6, planes.quants)
    }

    /// From bit `i` for weight `i` to bit `s` of byte `j` for weight `4s + j`.
    @inline(__always)
    static func spreadBits(_ bits: UInt32) -> UInt32 {
        var spread: UInt32 = 0
        for s in 0..<8 as Range<UInt32> {
            // Four copies of four bits, seven apart: bit j of copy j is bit 8j.
            let copies = (bits >> (4 * s) & 15) &* 0x0020_4081
            spread |= (copies & 0x0101_0101) << s
        }
        return spread
    }
}

/// half d, half m, 32 fifth bits, 16 bytes of nibbles.
enum Q5_1Block: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.store(bytes.load(block, as: UInt32.self), planes.scales)
        let bits = bytes.load(block + 4, as: UInt32.self)
        storage.store(Q5_0Block.spreadBits(bits), planes.highBits)
        storage.copy16(bytes, block + 8, planes.quants)
    }
}

/// half d, 32 signed bytes.
enum Q8_0Block: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.store(bytes.load(block, as: UInt16.self), planes.scales)
        storage.copy16(bytes, block + 2, planes.quants)
        storage.copy16(bytes, block + 18, planes.quants + 16)
    }
}

/// the byte e, 16 bytes of nibbles.
enum MXFP4Block: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.store(bytes.load(block, as: UInt8.self), planes.scales)
        storage.copy16(bytes, block + 1, planes.quants)
    }
}
