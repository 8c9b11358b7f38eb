/// The pairs of each expert, in order.
func groupExpertsReference(_ experts: [UInt32], expertCount: Int) -> [[UInt32]] {
    (0..<expertCount).map { expert in
        experts.indices.filter { experts[$0] == UInt32(expert) }.map { UInt32($0) }
    }
}
