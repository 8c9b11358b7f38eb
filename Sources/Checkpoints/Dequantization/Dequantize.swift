/// Why bytes could not be turned into numbers.
public enum DequantizationError: Error, Equatable {
    /// There is no reference for this format here.
    case unsupported(DataType)
    /// The bytes are not a whole number of blocks.
    case partialBlock(DataType, byteCount: Int)
}

extension DequantizationError: CustomStringConvertible {
    /// One sentence that names the format.
    public var description: String {
        switch self {
        case .unsupported(let type):
            "Tensors of type \(type) cannot be dequantised here."
        case .partialBlock(let type, let byteCount):
            "\(byteCount) bytes are no whole number of \(type) blocks of \(type.blockByteCount)."
        }
    }
}

extension DataType {
    /// The reference for this format, or nil where there is none.
    var format: (any BlockFormat.Type)? {
        switch self {
        case .f32: F32.self
        case .f16: F16.self
        case .bf16: BF16.self
        case .q4_0: Q4_0.self
        case .q4_1: Q4_1.self
        case .q5_0: Q5_0.self
        case .q5_1: Q5_1.self
        case .q8_0: Q8_0.self
        case .q2_K: Q2_K.self
        case .q3_K: Q3_K.self
        case .q4_K: Q4_K.self
        case .q5_K: Q5_K.self
        case .q6_K: Q6_K.self
        case .iq4_nl: IQ4_NL.self
        case .iq4_xs: IQ4_XS.self
        case .mxfp4: MXFP4.self
        case .f8_e4m3: F8_E4M3.self
        case .f64, .i8, .i16, .i32, .i64, .q8_1, .q8_K, .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s,
            .iq3_xxs, .iq3_s, .tq1_0, .tq2_0, .nvfp4, .q1_0, .f8_e5m2, .f8_e8m0, .u8, .u16, .u32,
            .u64, .bool:
            nil
        }
    }

    /// Whether `dequantize` has a reference for this format.
    public var canDequantize: Bool { format != nil }

    /// Replaces `values` by the elements that `bytes` store in this format, in order, in single
    /// precision. Plain loops, for tests and as the reference of kernels, not for speed.
    public func dequantize(
        _ bytes: RawSpan,
        into values: inout [Float]
    ) throws(DequantizationError) {
        guard let format else { throw .unsupported(self) }
        guard bytes.byteCount.isMultiple(of: blockByteCount) else {
            throw .partialBlock(self, byteCount: bytes.byteCount)
        }
        values.removeAll(keepingCapacity: true)
        values.reserveCapacity(bytes.byteCount / blockByteCount * blockSize)
        appendElements(of: bytes, as: format, to: &values)
    }

    private func appendElements<Format: BlockFormat>(
        of bytes: RawSpan,
        as format: Format.Type,
        to values: inout [Float]
    ) {
        let (blockSize, blockByteCount) = (blockSize, blockByteCount)
        for start in stride(from: 0, to: bytes.byteCount, by: blockByteCount) {
            let block = bytes.extracting(start..<start + blockByteCount)
            for index in 0..<blockSize { values.append(Format.element(index, of: block)) }
        }
    }
}

extension Checkpoint {
    /// The elements of a tensor of these files, in single precision, row after row.
    public func floats(of tensor: TensorInfo) throws(DequantizationError) -> [Float] {
        var values: [Float] = []
        let result = withBytes(of: tensor) { bytes in
            Result { () throws(DequantizationError) in
                try tensor.dataType.dequantize(bytes, into: &values)
            }
        }
        try result.get()
        return values
    }
}
