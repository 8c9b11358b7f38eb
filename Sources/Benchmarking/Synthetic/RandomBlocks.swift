public import Checkpoints

extension DataType {
    /// Whether random weights can be made in this format.
    public var canBeSynthetic: Bool { randomFields != nil }

    /// Where in a block stand numbers that may not be random bits.
    fileprivate enum Field {
        /// A half that scales small integers to weights of a few hundredths.
        case scale(at: Int)
        /// One that scales integers that have been scaled by integers before.
        case fineScale(at: Int)
        /// A power of two.
        case exponent(at: Int)
        /// A half, or the upper half of a float, that is a weight itself.
        case half(at: Int)
        case brainFloat(at: Int)
    }

    private var randomFields: [Field]? {
        switch self {
        case .f16: [.half(at: 0)]
        case .bf16: [.brainFloat(at: 0)]
        case .q4_0, .q5_0, .q8_0, .iq4_nl: [.scale(at: 0)]
        case .q4_1, .q5_1: [.scale(at: 0), .scale(at: 2)]
        case .q2_K: [.fineScale(at: 80), .fineScale(at: 82)]
        case .q3_K: [.fineScale(at: 108)]
        case .q4_K, .q5_K: [.fineScale(at: 0), .fineScale(at: 2)]
        case .q6_K: [.fineScale(at: 208)]
        case .iq4_xs: [.fineScale(at: 0)]
        case .mxfp4: [.exponent(at: 0)]
        default: nil
        }
    }

    /// Random blocks of the format, all of whose weights are numbers and small.
    /// - Parameter count: how many blocks; single-precision "blocks" are ones, as norms want them.
    func randomBlocks(_ count: Int, seed: UInt64) -> [UInt8] {
        guard let fields = randomFields else {
            precondition(self == .f32, "no random blocks of \(self)")
            return Array(repeating: [0, 0, 0x80, 0x3F], count: count).flatMap { $0 }
        }
        var generator = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * blockByteCount + 8)
        while bytes.count < count * blockByteCount {
            let word = generator.next()
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        bytes.removeLast(bytes.count - count * blockByteCount)
        for start in stride(from: 0, to: bytes.count, by: blockByteCount) {
            for field in fields { field.apply(to: &bytes, block: start) }
        }
        return bytes
    }
}

extension DataType.Field {
    /// Keeps some of a field's random bits and sets the others: the exponent, mostly.
    fileprivate func apply(to bytes: inout [UInt8], block: Int) {
        func set(_ at: Int, keeping mask: UInt16, _ bits: UInt16) {
            let old = UInt16(bytes[block + at]) | UInt16(bytes[block + at + 1]) << 8
            let new = old & mask | bits
            bytes[block + at] = UInt8(truncatingIfNeeded: new)
            bytes[block + at + 1] = UInt8(new >> 8)
        }
        switch self {
        // 2^-9 to 2^-8, and 2^-14 to 2^-13.
        case .scale(let at): set(at, keeping: 0x03FF, 0x1800)
        case .fineScale(let at): set(at, keeping: 0x03FF, 0x0400)
        // Of either sign, 2^-6 to 2^-5.
        case .half(let at): set(at, keeping: 0x83FF, 0x2400)
        case .brainFloat(let at): set(at, keeping: 0x807F, 0x3C80)
        // 2^-8, biased by 127.
        case .exponent(let at): bytes[block + at] = 119
        }
    }
}
