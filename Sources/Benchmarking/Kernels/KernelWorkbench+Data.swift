import Kernels
import Vulkan

/// What random bits are to mean, so that no kernel meets numbers that are none.
enum RandomPattern {
    /// Any bits.
    case words
    /// Halves between 0.06 and 0.12.
    case halves
    /// Upper halves of floats between 0.5 and 1, of either sign.
    case brainFloats
    /// Floats between 0.5 and 1, of either sign.
    case floats
    /// Bytes that are exponents of numbers between 1/16 and 1/2.
    case exponents

    func word(_ bits: UInt32) -> UInt32 {
        switch self {
        case .words: bits
        case .halves: bits & 0x03FF_03FF | 0x2C00_2C00
        case .brainFloats: bits & 0x807F_807F | 0x3F00_3F00
        case .floats: bits & 0x807F_FFFF | 0x3F00_0000
        case .exponents: bits & 0x0303_0303 | 0x7C7C_7C7C
        }
    }
}

extension KernelWorkbench {
    /// A device buffer of random data: a mebibyte of it, over and over.
    func random(byteCount: Int, _ pattern: RandomPattern, _ label: String) throws(VulkanError)
        -> BufferSlice
    {
        let size = (max(byteCount, 4) + 255) & ~255
        let buffer = try Buffer(device, byteCount: size, use: .device, label: label)
        var filled = min(size, 1 << 20)
        var generator = SeededGenerator(seed: UInt64(size))
        let words = (0..<filled / 4).map { _ in
            pattern.word(UInt32(truncatingIfNeeded: generator.next()))
        }
        let staging = try input(words, "random")
        var recording = Recording()
        recording.copy(from: staging, to: buffer.whole.slice(at: 0, byteCount: filled))
        while filled < size {
            let more = min(filled, size - filled)
            recording.copy(
                from: buffer.whole.slice(at: 0, byteCount: more),
                to: buffer.whole.slice(at: filled, byteCount: more)
            )
            filled += more
        }
        try run(recording)
        return buffer.whole.slice(at: 0, byteCount: size)
    }

    /// A buffer with values in it that kernels read.
    func input<T: BitwiseCopyable>(_ values: [T], _ label: String) throws(VulkanError)
        -> BufferSlice
    {
        let byteCount = max(values.count, 1) * MemoryLayout<T>.stride
        let buffer = try Buffer(device, byteCount: byteCount, use: .upload, label: label)
        buffer.whole.write(values)
        return buffer.whole.slice(at: 0, byteCount: byteCount)
    }

    /// Random activations [rows, columns].
    func activations(rows: Int, columns: Int, _ label: String) throws(VulkanError)
        -> ActivationMatrix
    {
        let granularity = ActivationMatrix.rowGranularity
        let capacity = (rows + granularity - 1) / granularity * granularity
        return ActivationMatrix(
            try random(byteCount: 4 * capacity * columns, .floats, label),
            rowCapacity: capacity,
            columns: columns
        )
    }

    /// Matrices of one format and shape, as many as `coldByteCount` holds: a run takes the next, so
    /// that it finds its weights in memory and not in a cache.
    func coldWeights(
        _ format: WeightFormat,
        rows: Int,
        columns: Int
    ) throws(VulkanError) -> [WeightMatrix] {
        let layout = library.family.weightLayout
        let planes = format.planes(layout, rows: rows, columns: columns)
        let size = (planes.byteCount + 255) & ~255
        let count = min(max(1, coldByteCount / size), 4096)
        let storage = try random(byteCount: count * size, format.quantPattern, "weights")
        // The numbers that any bits would not do for: those that quants are multiplied by.
        let plane = format.superScaleByteCount > 0 ? planes.superScales : planes.scales
        if !plane.isEmpty {
            let pattern: RandomPattern = format == .mxfp4 ? .exponents : .halves
            let scales = try random(byteCount: plane.count, pattern, "scales")
                .slice(at: 0, byteCount: plane.count)
            var recording = Recording()
            for start in stride(from: plane.lowerBound, to: count * size, by: size) {
                recording.copy(
                    from: scales,
                    to: storage.slice(at: start, byteCount: plane.count)
                )
            }
            try run(recording)
        }
        return (0..<count).map { index in
            WeightMatrix(
                format: format,
                layout: layout,
                rows: rows,
                columns: columns,
                storage: storage.slice(at: index * size, byteCount: size)
            )
        }
    }
}

extension WeightFormat {
    fileprivate var quantPattern: RandomPattern {
        switch self {
        case .f16: .halves
        case .bf16: .brainFloats
        case .f32: .floats
        default: .words
        }
    }
}
