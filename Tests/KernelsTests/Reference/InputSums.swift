/// sums[t][i] = sum over k of x[t][width * i + k], k in 0 ..< width, one after the other: to the
/// bit, for rows follow each other without a gap.
func inputSumsReference(_ x: [Float], width: Int) -> [Float] {
    stride(from: 0, to: x.count, by: width).map { first in
        x[first..<first + width].reduce(0, +)
    }
}
