import Kernels

/// Matrices over the same input whose outputs stand side by side.
public struct StackedMatrix {
    /// Some of the rows, all in one format.
    struct Part {
        let matrix: WeightMatrix
        /// Where its outputs begin.
        let firstRow: Int
    }

    let parts: [Part]
}
