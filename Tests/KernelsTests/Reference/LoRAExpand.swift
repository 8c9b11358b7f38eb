/// y[r] + sum over j of b[r][j] * h[j].
func loraExpandReference(_ y: ArraySlice<Float>, h: [Float], b: [Float]) -> [Double] {
    zip(y, stride(from: 0, to: b.count, by: h.count)).map { value, first in
        zip(h, b[first..<first + h.count]).reduce(Double(value)) {
            $0 + Double($1.0) * Double($1.1)
        }
    }
}
