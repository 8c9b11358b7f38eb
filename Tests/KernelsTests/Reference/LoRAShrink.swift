/// h[j] = sum over k of a[j][k] * x[k].
func loraShrinkReference(_ x: ArraySlice<Float>, a: [Float]) -> [Double] {
    stride(from: 0, to: a.count, by: x.count).map { first in
        zip(x, a[first..<first + x.count]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}
