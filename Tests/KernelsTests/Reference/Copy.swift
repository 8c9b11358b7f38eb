/// y[i] = x[i].
func copyReference(_ x: [UInt32]) -> [UInt32] { x.map { $0 } }
