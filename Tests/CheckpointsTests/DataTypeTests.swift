import Checkpoints
import Testing

@Suite struct DataTypeTests {
    @Test func namesAreInTheFormatsOwnSpelling() {
        #expect("\(DataType.q4_K)" == "Q4_K")
        #expect("\(DataType.iq2_xxs)" == "IQ2_XXS")
        #expect("\(DataType.bf16)" == "BF16")
        #expect("\(DataType.mxfp4)" == "MXFP4")
        #expect(Set(DataType.allCases.map(\.description)).count == DataType.allCases.count)
    }

    @Test func withdrawnNumbersAreNoTypes() {
        for number in [4, 5, 31, 32, 33, 36, 37, 38, 42, .max] as [UInt32] {
            #expect(DataType(rawValue: number) == nil)
        }
    }

    @Test func aTensorsByteCountFollowsFromItsShape() {
        let matrix = TensorInfo(name: "w", shape: [3, 512], dataType: .q4_K, fileOffset: 0)
        #expect(matrix.elementCount == 1536)
        #expect(matrix.byteCount == 6 * 144)
        let scalar = TensorInfo(name: "s", shape: [], dataType: .f16, fileOffset: 0)
        #expect(scalar.elementCount == 1 && scalar.byteCount == 2)
    }
}
