import Vulkan

extension MatmulDevice {
    /// Subgroups of a workgroup of `paged_attention_coopmat`.
    static let attentionSubgroups = 4

    /// Query rows of a tile of `paged_attention_coopmat`; nil where that cannot run: without
    /// cooperative matrices that divide its tiles, or without the shared memory.
    /// - Parameter isBatchInvariant: whether a token's bits may not depend on the number of tokens:
    ///   single tokens take another kernel, which adds in another order.
    package func attentionRows(_ shape: AttentionShape, isBatchInvariant: Bool) -> Int? {
        let (rows, keys) = (32, 32)
        guard !isBatchInvariant, let matrix,
            Shader.ifCompiled("paged_attention_coopmat", shape.kvFormat) != nil,
            [matrix.m, matrix.n, matrix.k].allSatisfy({ $0 <= 16 && 16 % $0 == 0 }),
            shape.headSize % 16 == 0
        else { return nil }
        // As the shader has it, in words.
        let head = shape.headSize / 2 + 4
        let staged = (rows + keys) * head
        let products = rows * (keys + 4) + rows * (keys / 2 + 4)
        let perRow = rows * (2 * matrix.n + 3)
        return 4 * (staged + products + perRow) <= sharedMemoryByteCount ? rows : nil
    }
}
