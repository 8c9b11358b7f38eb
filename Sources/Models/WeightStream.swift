import Checkpoints
import Kernels
import Vulkan

/// Reads tensors piece by piece, repacks each piece, and writes it where the device wants it: of
/// the file, never more than a piece is in memory besides the weights themselves.
final class WeightStream {
    /// The bytes of a piece, about.
    private static let pieceByteCount = 4 << 20

    let uploader: Uploader
    private let file: GGUFFile
    private let progress: (Double) -> Void
    private let totalByteCount: Int
    private var readByteCount = 0
    private var piece = [UInt8](repeating: 0, count: pieceByteCount)

    /// - Parameter progress: called with the share of the file's tensors read, 0 to 1.
    init(_ file: GGUFFile, _ uploader: Uploader, progress: @escaping (Double) -> Void) {
        self.file = file
        self.uploader = uploader
        self.progress = progress
        totalByteCount = max(1, file.tensors.reduce(0) { $0 + $1.byteCount })
    }

    /// A small tensor's values, on the host.
    func floats(of tensor: TensorInfo) throws -> [Float] {
        var bytes = [UInt8](repeating: 0, count: tensor.byteCount)
        try read(tensor, 0..<tensor.byteCount, into: &bytes)
        var values: [Float] = []
        try unsafe tensor.dataType.dequantize(bytes.span.bytes, into: &values)
        advance(tensor.byteCount)
        return values
    }

    /// Repacks a tensor into the planes of `storage`, from block `first` on.
    func load(
        _ tensor: TensorInfo,
        as format: WeightFormat,
        into storage: BufferSlice,
        _ planes: WeightPlaneRanges,
        from first: Int
    ) throws {
        // Taken out of the class while its bytes are in use: they have one owner then.
        var piece: [UInt8] = []
        swap(&piece, &self.piece)
        defer { swap(&piece, &self.piece) }
        let type = tensor.dataType
        // Whole super-blocks of any format, and on the device no more bytes than a staging buffer.
        let unit = 256
        let pieceWeights = Self.pieceByteCount / type.byteCount(of: unit) * unit
        for start in stride(from: 0, to: tensor.elementCount, by: pieceWeights) {
            let count = min(pieceWeights, tensor.elementCount - start)
            let source = type.byteCount(of: start)..<type.byteCount(of: start + count)
            try read(tensor, source, into: &piece)
            let block = first + start / WeightFormat.blockSize
            let blocks = block..<block + count / WeightFormat.blockSize
            let target = format.ranges(of: blocks, in: planes)
            let bytes = unsafe piece.span.bytes.extracting(0..<source.count)
            if uploader.writesDirectly(storage) {
                storage.withMappedBytes { type.repack(bytes, into: &$0, planes: target) }
            } else {
                let staged = format.planes(blockCount: blocks.count)
                let slices = target.all.map {
                    storage.slice(at: $0.lowerBound, byteCount: $0.count)
                }
                try uploader.stage(staged.all, to: slices) {
                    type.repack(bytes, into: &$0, planes: staged)
                }
            }
            advance(source.count)
        }
    }

    private func read(
        _ tensor: TensorInfo,
        _ range: Range<Int>,
        into piece: inout [UInt8]
    ) throws {
        var span = piece.mutableSpan
        var bytes = unsafe span.mutableBytes
        try file.read(tensor, range, into: &bytes)
    }

    private func advance(_ byteCount: Int) {
        readByteCount += byteCount
        progress(Double(readByteCount) / Double(totalByteCount))
    }
}
