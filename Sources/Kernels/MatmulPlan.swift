import Vulkan

/// How the GPU family computes a matrix product: by which kernel, and how the kernel cuts the work.
public struct MatmulPlan: Sendable, Hashable, Codable {
    /// The kernels, by their shaders' stems.
    public enum Kernel: String, Sendable, Codable, CaseIterable {
        /// A subgroup computes rows for a few tokens.
        case vector = "matvec_gpu"
        /// The same on activations of 8 bits, with integer dot products.
        case dot = "matvec_dot"
        /// A workgroup computes a tile of rows and tokens.
        case tile = "matmul_gpu"
        /// The same with cooperative matrices of its subgroups.
        case matrix = "matmul_coopmat"
        /// The same with cooperative matrices of the workgroup.
        case workgroupMatrix = "matmul_coopmat2"
    }

    public var kernel: Kernel
    /// Tokens a subgroup, or a workgroup's tile, covers.
    public var tokens: Int
    /// Rows of y a subgroup computes; of a tile, the rows of weights.
    public var rows: Int
    /// Parts the columns are cut into, whose sums `matmul_reduce` adds.
    public var splits = 1
    /// How the tile is cut further; only of `matrix` and `workgroupMatrix`.
    public var tile: MatrixTile?

    public init(
        _ kernel: Kernel,
        tokens: Int,
        rows: Int = 1,
        splits: Int = 1,
        tile: MatrixTile? = nil
    ) {
        self.kernel = kernel
        self.tokens = tokens
        self.rows = rows
        self.splits = splits
        self.tile = tile
    }

    /// The one way `matmul_gpu` is written.
    package static func tile(splits: Int = 1) -> MatmulPlan {
        MatmulPlan(.tile, tokens: 32, rows: 64, splits: splits)
    }
}

/// What a workgroup does with its tile, in cooperative matrices of [m, k] by [k, n], or of multiples
/// of these sizes where they are the workgroup's.
public struct MatrixTile: Sendable, Hashable, Codable {
    public var m: Int
    public var n: Int
    public var k: Int
    /// Columns in shared memory at a time, a multiple of 32.
    public var depth: Int
    /// The part of the tile that one subgroup computes; its share, where the workgroup does.
    public var subgroupRows: Int
    public var subgroupTokens: Int
    /// How often shared memory holds the tile: 2 lets the next one be written while one is read.
    public var stages: Int

    public init(
        m: Int,
        n: Int,
        k: Int,
        depth: Int,
        subgroupRows: Int,
        subgroupTokens: Int,
        stages: Int
    ) {
        self.m = m
        self.n = n
        self.k = k
        self.depth = depth
        self.subgroupRows = subgroupRows
        self.subgroupTokens = subgroupTokens
        self.stages = stages
    }
}

extension MatmulPlan: CustomStringConvertible {
    /// For example `matmul_coopmat 128x128x32, subgroups 64x32, 2 stages, 4 splits`.
    public var description: String {
        var text = "\(kernel.rawValue) \(rows)x\(tokens)"
        if let tile {
            text += "x\(tile.depth), subgroups \(tile.subgroupRows)x\(tile.subgroupTokens)"
            text += tile.stages > 1 ? ", \(tile.stages) stages" : ""
        }
        return text + (splits > 1 ? ", \(splits) splits" : "")
    }
}

extension MatmulPlan {
    /// Subgroups of a workgroup of the kernels that give each rows of its own.
    static let vectorSubgroups = 4

    /// Invocations of a workgroup.
    func workgroupSize(subgroupSize: Int) -> Int {
        guard let tile else { return kernel == .tile ? 128 : Self.vectorSubgroups * subgroupSize }
        return rows / tile.subgroupRows * (tokens / tile.subgroupTokens) * subgroupSize
    }

    /// Whether a device can run the plan, whoever made it.
    /// - Parameter parts: rows of weights that make a row of y; see `MatmulEpilogue.Activation`.
    package func isValid(on device: MatmulDevice, format: WeightFormat, parts: Int) -> Bool {
        guard (1...8).contains(splits), device.has(kernel, format) else { return false }
        switch kernel {
        case .vector, .dot:
            return splits == 1 && (1...16).contains(tokens) && (1...8).contains(rows)
        case .tile: return tokens == 32 && rows == 64
        case .matrix: return hasSubgroupTile(device, parts: parts)
        case .workgroupMatrix: return hasWorkgroupTile(device, parts: parts)
        }
    }

    private func hasSubgroupTile(_ device: MatmulDevice, parts: Int) -> Bool {
        guard let tile, let matrix = device.matrix, isWholeTile(tile),
            (tile.m, tile.n, tile.k) == (matrix.m, matrix.n, matrix.k)
        else { return false }
        return tile.subgroupRows % (parts * tile.m) == 0 && tile.subgroupTokens % tile.n == 0
            && workgroupSize(subgroupSize: device.subgroupSize) <= device.maxWorkgroupSize
            && sharedByteCount(device, parts: parts) <= device.sharedMemoryByteCount
    }

    private func hasWorkgroupTile(_ device: MatmulDevice, parts: Int) -> Bool {
        guard let tile, isWholeTile(tile),
            let matrix = device.workgroupMatrices.first(where: {
                $0.workgroupSize == workgroupSize(subgroupSize: device.subgroupSize)
            }), (tile.m, tile.n, tile.k) == (matrix.m, matrix.n, matrix.k)
        else { return false }
        let shared = 16 * 2 * rows * (tile.depth / 8 + 1)
        return rows % (parts * tile.m) == 0 && tokens % tile.n == 0
            && max(rows / parts, tokens, tile.depth) <= device.maxFlexibleDimension
            && shared + device.reservedSharedMemoryByteCount <= device.sharedMemoryByteCount
    }

    /// Whether the tile is cut without remainder.
    private func isWholeTile(_ tile: MatrixTile) -> Bool {
        let numbers = [rows, tokens, tile.subgroupRows, tile.subgroupTokens, tile.depth]
        return numbers.allSatisfy { (8...512).contains($0) } && (1...2).contains(tile.stages)
            && tile.k > 0 && tile.depth % 32 == 0 && tile.depth % tile.k == 0
            && rows % tile.subgroupRows == 0 && tokens % tile.subgroupTokens == 0
    }

    /// Bytes of shared memory of a tile; the arithmetic of matmul_coopmat.comp.
    private func sharedByteCount(_ device: MatmulDevice, parts: Int) -> Int {
        guard let tile else { return 0 }
        let subgroups = workgroupSize(subgroupSize: device.subgroupSize) / device.subgroupSize
        let inputs = tile.stages * (rows + tokens) * (tile.depth / 8 + 1)
        return 16 * max(inputs, subgroups * parts * tile.m * tile.n / 4)
    }
}

extension MatmulPlan {
    /// Specialisation constants from 2 on; a kernel ignores those it has not.
    func constants(_ epilogue: MatmulEpilogue) -> [UInt32] {
        let tileConstants =
            tile.map {
                [$0.depth, $0.m, $0.n, $0.k, $0.subgroupRows, $0.subgroupTokens, $0.stages]
            } ?? []
        return [UInt32(tokens)] + epilogue.constants + [UInt32(rows)]
            + tileConstants.map { UInt32($0) }
    }

    /// Blocks of 32 columns that one split sums: whole depths of the tile.
    func splitBlocks(columns: Int) -> Int {
        let blocks = columns / WeightFormat.blockSize
        let step = (tile?.depth ?? WeightFormat.blockSize) / WeightFormat.blockSize
        return Kernels.groups(Kernels.groups(blocks, of: splits), of: step) * step
    }

    /// Splits that have columns to sum.
    func splitCount(columns: Int) -> Int {
        Kernels.groups(columns / WeightFormat.blockSize, of: splitBlocks(columns: columns))
    }

    /// The grid of a dispatch.
    func groups(_ problem: MatmulProblem, subgroupSize: Int) -> Workgroups {
        let outputs = problem.rows / problem.parts
        let tokenGroups = Kernels.groups(problem.tokenCount, of: tokens)
        let splitCount = splitCount(columns: problem.columns)
        switch kernel {
        case .vector, .dot:
            return Workgroups(
                Kernels.groups(outputs, of: Self.vectorSubgroups * rows),
                tokenGroups
            )
        case .tile:
            return Workgroups(
                Kernels.groups(outputs, of: rows / problem.parts),
                tokenGroups,
                splitCount
            )
        case .matrix, .workgroupMatrix:
            return Workgroups(
                tokenGroups,
                Kernels.groups(outputs, of: rows / problem.parts),
                splitCount
            )
        }
    }
}
