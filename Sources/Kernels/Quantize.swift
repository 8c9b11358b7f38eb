import ShaderParams
package import Vulkan

/// Activations as signed bytes, and for 32 of them a scale and two sums; see `QuantizeParams`.
package struct QuantizedActivations {
    /// Both planes.
    let slice: BufferSlice
    let columns: Int
    let tokenCount: Int

    package init(_ slice: BufferSlice, columns: Int, tokenCount: Int) {
        let byteCount = Self.byteCount(columns, tokenCount: tokenCount)
        precondition(
            columns % 32 == 0 && slice.byteCount >= byteCount,
            "\(slice.buffer.label): \(slice.byteCount) bytes for \(tokenCount) x \(columns) bytes"
        )
        self.slice = slice.slice(at: 0, byteCount: byteCount)
        self.columns = columns
        self.tokenCount = tokenCount
    }

    package static func byteCount(_ columns: Int, tokenCount: Int) -> Int {
        columns * tokenCount + columns * tokenCount / 32 * 8
    }

    var scales: BufferSlice {
        slice.slice(at: columns * tokenCount, byteCount: columns * tokenCount / 32 * 8)
    }
}

extension KernelRecorder {
    /// q[t][k] = round(x[t][k] / d), d = the greatest |x| of 32 neighbours / 127
    package mutating func quantize(
        _ x: ActivationMatrix,
        into q: QuantizedActivations
    ) throws(VulkanError) {
        precondition(
            x.columns == q.columns && q.tokenCount <= x.rowCapacity,
            "quantize: [\(x.rowCapacity), \(x.columns)] into [\(q.tokenCount), \(q.columns)]"
        )
        let workgroupSize = max(64, library.subgroupSize)
        let pipeline = try library.pipeline(.quantize, workgroupSize: workgroupSize)
        recording.dispatch(
            pipeline,
            QuantizeParams(
                x: x.slice.address,
                quants: q.slice.address,
                scales: q.scales.address,
                columns: UInt32(q.columns),
                xStride: UInt32(x.columns)
            ),
            groups: Workgroups(groups(q.columns / 32, of: workgroupSize), q.tokenCount),
            reads: [x.leading(q.tokenCount)],
            writes: [q.slice]
        )
    }
}
