import Checkpoints
import Kernels
import Vulkan

/// Reads tensors piece by piece, repacks each piece, and writes it where the device wants it: of
/// the file, never more than a piece is in memory besides the weights themselves.
final class WeightStream {
    /// The bytes of a piece, about; of wide rows a band may be more.
    private static let pieceByteCount = 2 << 20

    /// The most bytes of a band: repacked, it must fit a staging buffer.
    static let maxByteCount = Uploader.maxByteCount / 8 * 7

    let uploader: Uploader
    private let file: any Checkpoint
    private let progress: (Double) -> Void
    private let totalByteCount: Int
    private var readByteCount = 0
    private var piece: [UInt8] = []

    /// - Parameter progress: called with the share of the file's tensors read, 0 to 1.
    init(_ file: any Checkpoint, _ uploader: Uploader, progress: @escaping (Double) -> Void) {
        self.file = file
        self.uploader = uploader
        self.progress = progress
        totalByteCount = max(1, file.tensors.reduce(0) { $0 + $1.byteCount })
    }

    /// A small tensor's values, on the host.
    func floats(of tensor: TensorInfo) throws -> [Float] {
        var bytes = [UInt8](repeating: 0, count: tensor.byteCount)
        var span = bytes.mutableSpan
        var target = unsafe span.mutableBytes
        try file.read(tensor, 0..<tensor.byteCount, into: &target, at: 0)
        var values: [Float] = []
        try unsafe tensor.dataType.dequantize(bytes.span.bytes, into: &values)
        advance(tensor.byteCount)
        return values
    }

    /// Repacks matrices of one type and width, their rows stacked in order, into the planes of
    /// `storage`.
    func load(
        _ tensors: [TensorInfo],
        _ repacking: RowRepacking,
        into storage: BufferSlice,
        _ planes: WeightPlaneRanges
    ) throws {
        let rows = tensors.reduce(0) { $0 + $1.shape[0] }
        let rowByteCount = repacking.rowByteCount
        let unit = repacking.rowGranularity
        let pieceRows = max(Self.pieceByteCount / (unit * rowByteCount), 1) * unit
        // Taken out of the class while its bytes are in use: they have one owner then.
        var piece: [UInt8] = []
        swap(&piece, &self.piece)
        defer { swap(&piece, &self.piece) }
        let byteCount = min(pieceRows, rows) * rowByteCount
        if piece.count < byteCount { piece = [UInt8](repeating: 0, count: byteCount) }
        let blocks = repacking.columns / WeightFormat.blockSize
        for first in stride(from: 0, to: rows, by: pieceRows) {
            let read = first..<min(first + pieceRows, rows)
            try self.read(read, ofStacked: tensors, rowByteCount, into: &piece)
            let stored = repacking.layout.storedRows(read.count)
            let target = repacking.format.ranges(
                of: first * blocks..<(first + stored) * blocks,
                in: planes
            )
            let bytes = unsafe piece.span.bytes.extracting(0..<read.count * rowByteCount)
            if uploader.writesDirectly(storage) {
                storage.withMappedBytes {
                    repacking.repackInParallel(bytes, into: &$0, planes: target)
                }
            } else {
                let staged = repacking.format.planes(blockCount: stored * blocks)
                let slices = target.all.map {
                    storage.slice(at: $0.lowerBound, byteCount: $0.count)
                }
                try uploader.stage(staged.all, to: slices) {
                    repacking.repackInParallel(bytes, into: &$0, planes: staged)
                }
            }
            advance(bytes.byteCount)
        }
    }

    /// Reads rows of matrices that are stacked.
    private func read(
        _ rows: Range<Int>,
        ofStacked tensors: [TensorInfo],
        _ rowByteCount: Int,
        into piece: inout [UInt8]
    ) throws {
        var end = 0
        for tensor in tensors {
            let start = end
            end += tensor.shape[0]
            let part = rows.clamped(to: start..<end)
            guard !part.isEmpty else { continue }
            let source = (part.lowerBound - start) * rowByteCount
            let place = (part.lowerBound - rows.lowerBound) * rowByteCount
            let count = part.count * rowByteCount
            var span = piece.mutableSpan
            var bytes = unsafe span.mutableBytes
            try file.read(tensor, source..<source + count, into: &bytes, at: place)
        }
    }

    private func advance(_ byteCount: Int) {
        readByteCount += byteCount
        progress(Double(readByteCount) / Double(totalByteCount))
    }
}
