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
            for stem in [
                "embed", "embed_interleaved", "matmul_cpu", "matmul_cpu_broadcast", "matvec_gpu",
                "matmul_gpu",
            ] {
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
        #expect(onDevice == format.byteCount(rows: 129, columns: 256))
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

    /// The numbers of a plane, row after row and interleaved: the same ones at their places, but
    /// for nibbles at the top of a word, which are less by eight, and bytes, which are 128 more.
    @Test(arguments: WeightFormat.allCases)
    func interleavedPlanesHoldTheNumbersOfEightRowsSideBySide(_ format: WeightFormat) {
        var generator = SeededGenerator("\(format) interleaved")
        let (rows, columns) = (67, 512)
        let weights = TestWeights(format, rows: rows, columns: columns, &generator)
        let (apart, together) = (weights.storage(.rows), weights.storage(.interleaved))
        let from = format.planes(.rows, rows: rows, columns: columns)
        let to = format.planes(.interleaved, rows: rows, columns: columns)
        let groups = (rows + 31) / 32 * 4
        for (bits, from, to) in [
            (format.lowBits, from.quants, to.quants), (format.highBits, from.highBits, to.highBits),
        ] where bits > 0 {
            var differing = 0
            for group in 0..<groups {
                for column in 0..<columns {
                    for lane in 0..<8 {
                        let row = 8 * group + lane
                        let blocks = columns / 32
                        let block = (group / 4 * blocks + column / 32) * 4 + group % 4
                        let place =
                            bits < 8
                            ? (block * 32 + column % 32) * 8 + lane
                            : placeAmongWords(block, column % 32, lane, bits)
                        let found = number(together, 8 * to.lowerBound + bits * place, bits)
                        let first = 8 * from.lowerBound + bits * (row * columns + column / 32 * 32)
                        let offset = format.firstBit(ofWeight: column % 32, ofBits: bits)
                        let stored = row < rows ? number(apart, first + offset, bits) : 0
                        let expected = stored ^ flipped(lane, bits)
                        differing += found == expected ? 0 : 1
                    }
                }
            }
            #expect(differing == 0, "\(bits) bits")
        }
    }

    /// Where a number stands whose row has words of its own, eight rows' words side by side.
    private func placeAmongWords(_ block: Int, _ column: Int, _ lane: Int, _ bits: Int) -> Int {
        let each = 32 / bits
        return ((block * bits + column / each) * 8 + lane) * each + column % each
    }

    /// The bits in which an interleaved number differs.
    private func flipped(_ lane: Int, _ bits: Int) -> UInt32 {
        switch bits {
        case 4: lane == 7 ? 8 : 0
        case 8: 0x80
        default: 0
        }
    }

    /// `count` bits from a bit on.
    private func number(_ words: [UInt32], _ bit: Int, _ count: Int) -> UInt32 {
        words[bit / 32] >> UInt32(bit % 32) & (UInt32.max >> UInt32(32 - count))
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

extension WeightFormat {
    /// Where a weight's number of so many bits is in a block of 32, as quants.glsl says.
    fileprivate func firstBit(ofWeight weight: Int, ofBits bits: Int) -> Int {
        switch bits {
        case 1: 8 * (weight % 4) + weight / 4
        case 2: 32 * (weight / 16) + 8 * (weight % 4) + 2 * (weight % 16 / 4)
        case 4: 8 * (weight % 16) + 4 * (weight / 16)
        default: bits * weight
        }
    }
}
