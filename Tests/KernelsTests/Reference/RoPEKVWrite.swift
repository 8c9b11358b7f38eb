import Kernels

/// Normalises the heads of q and k where there are norms, rotates them by their token's angles, and
/// copies k and v into their token's slot.
/// - Parameters:
///   - qkv: [tokens][qkvColumns]; the queries are rotated in place.
///   - norms: weights of a query's and of a key's norm, and its epsilon.
///   - rotations: [position][rotatedSize / 2][cosine, sine].
///   - cache: [block][kvHead][k, v][blockSize][headSize], before any rounding; written.
func ropeKVWriteReference(
    _ shape: AttentionShape,
    qkv: inout [Double],
    cache: inout [Double],
    norms: (query: [Float], key: [Float], epsilon: Float)? = nil,
    positions: [UInt32],
    slotMapping: [UInt32],
    rotations: [Float]
) {
    let half = shape.rotatedSize / 2
    let largest: Double =
        switch shape.kvFormat {
        case .f16: 65504
        case .q8_0: 127 * 65504
        }
    for (token, position) in positions.enumerated() {
        let slot = Int(slotMapping[token])
        for head in 0..<shape.headCount + 2 * shape.kvHeadCount {
            let start = token * shape.qkvColumns + head * shape.headSize
            var values = Array(qkv[start..<start + shape.headSize])
            if head < shape.headCount + shape.kvHeadCount {
                if let norms {
                    let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
                    let rms = (square + Double(norms.epsilon)).squareRoot()
                    let weights = head < shape.headCount ? norms.query : norms.key
                    for i in values.indices { values[i] *= Double(weights[i]) / rms }
                }
                for pair in 0..<half {
                    let first = shape.isNeoX ? pair : 2 * pair
                    let second = shape.isNeoX ? pair + half : 2 * pair + 1
                    let angle = 2 * (Int(position) * half + pair)
                    let (cosine, sine) = (Double(rotations[angle]), Double(rotations[angle + 1]))
                    let (a, b) = (values[first], values[second])
                    values[first] = a * cosine - b * sine
                    values[second] = a * sine + b * cosine
                }
            }
            guard head >= shape.headCount else {
                qkv.replaceSubrange(start..<start + shape.headSize, with: values)
                continue
            }
            let part = head < shape.headCount + shape.kvHeadCount ? 0 : 1
            let kvHead = head - shape.headCount - part * shape.kvHeadCount
            let tile = (slot / shape.blockSize * shape.kvHeadCount + kvHead) * 2 + part
            let row = (tile * shape.blockSize + slot % shape.blockSize) * shape.headSize
            for (i, value) in values.enumerated() {
                cache[row + i] = min(max(value, -largest), largest)
            }
        }
    }
}
