import Checkpoints
import Foundation
import Kernels
import Models
import Testing

/// Where weights lie on the device, and how they come there.
@Suite struct WeightFormatTests {
    @Test func everyFormatHasEveryKernelThatReadsWeights() {
        let names = Set(Shader.all.map(\.name))
        for format in WeightFormat.allCases {
            for stem in ["embed", "matmul_cpu", "matvec_gpu", "matmul_gpu"] {
                #expect(names.contains("\(stem)_\(format.rawValue)"))
            }
        }
    }

    /// No bit of a checkpoint is lost, and few are added: scales of 6 bits take 8.
    @Test(arguments: WeightFormat.allCases)
    func planesLieApartAndTakeHardlyMoreThanTheFile(_ format: WeightFormat) {
        let blockCount = 8 * 129
        let planes = format.planes(blockCount: blockCount)
        for (plane, next) in zip(planes.all, planes.all.dropFirst()) {
            #expect(plane.upperBound <= next.lowerBound)
        }
        #expect(planes.all.allSatisfy { $0.lowerBound % 16 == 0 })
        #expect(planes.byteCount == planes.all.map(\.upperBound).max())
        let type = format.dataType
        let inFile = blockCount * WeightFormat.blockSize / type.blockSize * type.blockByteCount
        let onDevice = planes.all.reduce(0) { $0 + $1.count }
        #expect(onDevice >= inFile && onDevice * 100 <= inFile * 104)
    }

    @Test func theReadmeNamesEveryFormatThatKernelsRead() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let words = Set(readme.split { !($0.isLetter || $0.isNumber || $0 == "_") })
        for name in DataType.supportedSpellings { #expect(words.contains(name[...]), "\(name)") }
        #expect(DataType.supportedSpellings.count == WeightFormat.allCases.count)
    }

    /// A tensor is read in pieces: each must land where it would in one go.
    @Test(arguments: WeightFormat.allCases)
    func piecesAreRepackedToTheirPlaces(_ format: WeightFormat) {
        let type = format.dataType
        var generator = SeededGenerator("\(format) in pieces")
        let bytes = randomBlocks(.extreme, of: type, weightCount: 256 * 11, &generator)
        let planes = format.planes(blockCount: 8 * 11)
        let whole = repacked(bytes, type, planes.byteCount, [(0..<8 * 11, planes)])
        let cuts = [0, 8, 32, 40, 88]
        let pieces = zip(cuts, cuts.dropFirst()).map { first, end in
            (first..<end, format.ranges(of: first..<end, in: planes))
        }
        #expect(repacked(bytes, type, planes.byteCount, pieces) == whole)
    }

    private func repacked(
        _ bytes: [UInt8],
        _ type: DataType,
        _ byteCount: Int,
        _ pieces: [(blocks: Range<Int>, planes: WeightPlaneRanges)]
    ) -> [UInt8] {
        var storage = [UInt8](repeating: 0xEE, count: byteCount)
        var span = storage.mutableSpan
        var target = span.mutableBytes
        let size = { (blocks: Int) in blocks * 32 / type.blockSize * type.blockByteCount }
        for (blocks, planes) in pieces {
            let source = bytes[size(blocks.lowerBound)..<size(blocks.upperBound)]
            type.repack(Array(source).span.bytes, into: &target, planes: planes)
        }
        return storage
    }
}
