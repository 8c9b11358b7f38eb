/// Philox2x32-10 (Salmon et al., SC 2011), as `Shaders/include/philox.glsl` has it.
func philoxReference(_ counter: (UInt32, UInt32), key: UInt32) -> (UInt32, UInt32) {
    var (x, y) = counter
    var key = key
    for _ in 0..<10 {
        let product = UInt64(x) * 0xD256_D193
        (x, y) = (UInt32(product >> 32) ^ key ^ y, UInt32(truncatingIfNeeded: product))
        key &+= 0x9E37_79B9
    }
    return (x, y)
}
