import Kernels

/// F16, BF16 and F32: a block is a number, and the device wants the bytes as they are.
enum PlainBlock: RepackedBlock {
    static func repackAll(
        _ bytes: RawSpan,
        blockByteCount: Int,
        into storage: inout MutableRawSpan,
        planes: WeightPlaneRanges
    ) {
        precondition(
            bytes.byteCount == planes.quants.count && bytes.byteCount % 16 == 0,
            "\(bytes.byteCount) bytes into \(planes.quants)"
        )
        for offset in stride(from: 0, to: bytes.byteCount, by: 16) {
            storage.copy16(bytes, offset, planes.quants.lowerBound + offset)
        }
    }
}
