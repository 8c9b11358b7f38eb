import Kernels

/// Decodes weights as `Shaders/include/formats` describes them, byte by byte.
func decodeReference(_ format: WeightFormat, quants: [UInt32], scales: [UInt16]) -> [Float] {
    let blockCount = 4 * quants.count / format.quantByteCount
    var weights: [Float] = []
    weights.reserveCapacity(32 * blockCount)
    for block in 0..<blockCount {
        let start = block * format.quantByteCount
        func byte(_ index: Int) -> UInt32 {
            quants[(start + index) / 4] >> UInt32(8 * ((start + index) % 4)) & 0xFF
        }
        func scale(_ index: Int) -> Float { Float(Float16(bitPattern: scales[index])) }
        switch format {
        case .q4_1:
            let (d, m) = (scale(2 * block), scale(2 * block + 1))
            for i in 0..<16 { weights.append(Float(byte(i) & 15) * d + m) }
            for i in 0..<16 { weights.append(Float(byte(i) >> 4) * d + m) }
        case .q8_0:
            let d = scale(block)
            for i in 0..<32 {
                weights.append(d * Float(Int8(truncatingIfNeeded: byte(i))))
            }
        case .f16:
            for i in 0..<32 {
                let bits = UInt16(byte(2 * i) | byte(2 * i + 1) << 8)
                weights.append(Float(Float16(bitPattern: bits)))
            }
        case .bf16:
            for i in 0..<32 {
                weights.append(Float(bitPattern: byte(2 * i) << 16 | byte(2 * i + 1) << 24))
            }
        case .f32:
            for i in 0..<32 { weights.append(Float(bitPattern: quants[start / 4 + i])) }
        }
    }
    return weights
}
