/// How a tensor's elements are stored, by the number that GGUF files give it (`ggml_type`). The
/// numbers in between were withdrawn from the format.
public enum DataType: UInt32, Sendable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q8_1 = 9
    case q2_K = 10
    case q3_K = 11
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14
    case q8_K = 15
    case iq2_xxs = 16
    case iq2_xs = 17
    case iq3_xxs = 18
    case iq1_s = 19
    case iq4_nl = 20
    case iq3_s = 21
    case iq2_s = 22
    case iq4_xs = 23
    case i8 = 24
    case i16 = 25
    case i32 = 26
    case i64 = 27
    case f64 = 28
    case iq1_m = 29
    case bf16 = 30
    case tq1_0 = 34
    case tq2_0 = 35
    case mxfp4 = 39
    case nvfp4 = 40
    case q1_0 = 41

    // What safetensors has and GGUF has not; the numbers are ours.
    case f8_e4m3 = 0x1_0000
    case f8_e5m2
    case f8_e8m0
    case u8
    case u16
    case u32
    case u64
    case bool

    /// The type of a number in a GGUF file.
    init?(ggufNumber number: UInt32) {
        guard number < DataType.f8_e4m3.rawValue else { return nil }
        self.init(rawValue: number)
    }
}

extension DataType {
    /// Elements that are stored together and share their scales. A row is a whole number of blocks.
    public var blockSize: Int { layout.blockSize }

    /// The bytes of one block.
    public var blockByteCount: Int { layout.blockByteCount }

    private var layout: (name: String, blockSize: Int, blockByteCount: Int) {
        switch self {
        case .f32: ("F32", 1, 4)
        case .f16: ("F16", 1, 2)
        case .bf16: ("BF16", 1, 2)
        case .f64: ("F64", 1, 8)
        case .i8: ("I8", 1, 1)
        case .i16: ("I16", 1, 2)
        case .i32: ("I32", 1, 4)
        case .i64: ("I64", 1, 8)
        case .q4_0: ("Q4_0", 32, 18)
        case .q4_1: ("Q4_1", 32, 20)
        case .q5_0: ("Q5_0", 32, 22)
        case .q5_1: ("Q5_1", 32, 24)
        case .q8_0: ("Q8_0", 32, 34)
        // Two half-precision numbers and 32 bytes (gguf-py 0.19 says 40, from when they were
        // single-precision). An intermediate form: no published file has it.
        case .q8_1: ("Q8_1", 32, 36)
        case .q2_K: ("Q2_K", 256, 84)
        case .q3_K: ("Q3_K", 256, 110)
        case .q4_K: ("Q4_K", 256, 144)
        case .q5_K: ("Q5_K", 256, 176)
        case .q6_K: ("Q6_K", 256, 210)
        case .q8_K: ("Q8_K", 256, 292)
        case .iq1_s: ("IQ1_S", 256, 50)
        case .iq1_m: ("IQ1_M", 256, 56)
        case .iq2_xxs: ("IQ2_XXS", 256, 66)
        case .iq2_xs: ("IQ2_XS", 256, 74)
        case .iq2_s: ("IQ2_S", 256, 82)
        case .iq3_xxs: ("IQ3_XXS", 256, 98)
        case .iq3_s: ("IQ3_S", 256, 110)
        case .iq4_nl: ("IQ4_NL", 32, 18)
        case .iq4_xs: ("IQ4_XS", 256, 136)
        case .tq1_0: ("TQ1_0", 256, 54)
        case .tq2_0: ("TQ2_0", 256, 66)
        case .mxfp4: ("MXFP4", 32, 17)
        case .nvfp4: ("NVFP4", 64, 36)
        case .q1_0: ("Q1_0", 128, 18)
        case .f8_e4m3: ("F8_E4M3", 1, 1)
        case .f8_e5m2: ("F8_E5M2", 1, 1)
        case .f8_e8m0: ("F8_E8M0", 1, 1)
        case .u8: ("U8", 1, 1)
        case .u16: ("U16", 1, 2)
        case .u32: ("U32", 1, 4)
        case .u64: ("U64", 1, 8)
        case .bool: ("BOOL", 1, 1)
        }
    }
}

extension DataType: CustomStringConvertible {
    /// The name in the file format's own spelling, as `Q4_K`.
    public var description: String { layout.name }
}
