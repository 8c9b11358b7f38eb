import Vulkan

/// One product to plan.
package struct MatmulProblem: Hashable {
    package let format: WeightFormat
    /// Of the weights.
    package let rows: Int
    package let columns: Int
    package let tokenCount: Int
    /// Rows of weights that make a row of y: two with a gate.
    package let parts: Int

    package init(
        _ format: WeightFormat,
        rows: Int,
        columns: Int,
        tokenCount: Int,
        parts: Int = 1
    ) {
        self.format = format
        self.rows = rows
        self.columns = columns
        self.tokenCount = tokenCount
        self.parts = parts
    }

    var key: KernelChoices.Key {
        KernelChoices.Key(format, rows: rows, columns: columns, tokenCount: tokenCount)
    }

    /// Workgroups of tiles of `tileRows` rows of weights and `tileTokens` tokens.
    package func tileCount(_ tileRows: Int, _ tileTokens: Int) -> Int {
        groups(rows, of: tileRows) * groups(tokenCount, of: tileTokens)
    }
}

extension MatmulDevice {
    /// The table: which kernel multiplies what, unless measurements say otherwise.
    ///
    /// - Parameter isBatchInvariant: whether a token's bits may not depend on the number of tokens.
    ///   Kernels add in orders of their own, so that one kernel must then do everything, unsplit; a
    ///   tile's size does not matter, as every sum goes through the columns in the same order.
    package func plan(_ problem: MatmulProblem, isBatchInvariant: Bool) -> MatmulPlan {
        let few = [1, 2, 4, 8].first { problem.tokenCount <= $0 }
        // Halves would take from weights of 32 bits what whoever chose them wanted.
        let hasMatrix = has(.matrix, problem.format) && problem.format != .f32
        let hasDot = acceleratesInt8DotProduct && has(.dot, problem.format)
        switch few {
        case _ where isBatchInvariant && hasMatrix: return matrixPlan(problem)
        case _ where isBatchInvariant: return .tile()
        // One token waits for memory: unpacking costs nothing, and rounding would gain nothing.
        case 1: return MatmulPlan(.vector, tokens: 1, rows: vectorRows(problem))
        case let few? where hasDot:
            return MatmulPlan(.dot, tokens: few, rows: vectorRows(problem))
        case let few?: return MatmulPlan(.vector, tokens: few, rows: vectorRows(problem))
        case nil where hasMatrix: return split(matrixPlan(problem), problem)
        case nil: return split(.tile(), problem)
        }
    }

    /// Two rows a subgroup where they leave every compute unit several workgroups.
    private func vectorRows(_ problem: MatmulProblem) -> Int {
        let workgroups = problem.rows / problem.parts / (2 * MatmulPlan.vectorSubgroups)
        return problem.tokenCount <= 4 && workgroups >= 8 * width ? 2 : 1
    }

    /// The largest tile that fits, fills the device and is not mostly past the last token.
    private func matrixPlan(_ problem: MatmulProblem) -> MatmulPlan {
        let fitting = tiles(parts: problem.parts).filter {
            $0.isValid(on: self, format: problem.format, parts: problem.parts)
        }
        let sized = fitting.filter { $0.tokens < 2 * problem.tokenCount }
        let filling = sized.first { problem.tileCount($0.rows, $0.tokens) >= 2 * width }
        return filling ?? sized.last ?? fitting.last ?? .tile()
    }

    /// Tiles of cooperative matrices, the largest first.
    package func tiles(parts: Int) -> [MatmulPlan] {
        guard let matrix else { return [] }
        return [
            // rows, tokens, depth, rows and tokens of a subgroup
            (128, 128, 32, 64, 32), (128, 64, 32, 32, 32), (64, 64, 32, 32, 32),
            (64, 32, 64, 32, 16), (64, 16, 64, 16, 16), (32, 16, 64, 16, 16),
        ].map { rows, tokens, depth, subgroupRows, subgroupTokens in
            MatmulPlan(
                .matrix,
                tokens: tokens,
                rows: rows,
                tile: MatrixTile(
                    m: matrix.m,
                    n: matrix.n,
                    k: matrix.k,
                    depth: depth,
                    subgroupRows: max(subgroupRows, parts * matrix.m),
                    subgroupTokens: max(subgroupTokens, matrix.n),
                    stages: 2
                )
            )
        }
    }

    /// Tiles of the workgroup's matrices, the largest first; candidates until they are measured.
    package func workgroupTiles() -> [MatmulPlan] {
        workgroupMatrices.flatMap { matrix in
            [(128, 256, 64), (128, 128, 64), (64, 64, 64), (64, 32, 64), (32, 64, 128)].map {
                rows,
                tokens,
                depth in
                // Any cut of the tile that has as many subgroups as the matrix wants will do.
                let subgroups = max(1, (matrix.workgroupSize ?? 0) / subgroupSize)
                return MatmulPlan(
                    .workgroupMatrix,
                    tokens: tokens,
                    rows: rows,
                    tile: MatrixTile(
                        m: matrix.m,
                        n: matrix.n,
                        k: matrix.k,
                        depth: depth,
                        subgroupRows: rows / subgroups,
                        subgroupTokens: tokens,
                        stages: 2
                    )
                )
            }
        }
    }

    /// The plan with columns cut so that there are twice as many workgroups as compute units, and
    /// at least 256 columns in a part.
    private func split(_ plan: MatmulPlan, _ problem: MatmulProblem) -> MatmulPlan {
        let tileCount = problem.tileCount(plan.rows, plan.tokens)
        var plan = plan
        plan.splits = max(1, min(8, 2 * width / tileCount, problem.columns / 256))
        return plan
    }

    /// Plans worth measuring for a product; the table's is among them.
    public func candidates(_ shape: MatmulCase, _ format: WeightFormat) -> [MatmulPlan] {
        let problem = MatmulProblem(
            format,
            rows: shape.rows,
            columns: shape.columns,
            tokenCount: shape.tokenCount
        )
        let few = min(16, powerOfTwo(shape.tokenCount))
        let vectors = [MatmulPlan.Kernel.vector, .dot].flatMap { kernel in
            [few, min(few, 8)].flatMap { tokens in
                [1, 2, 4].map { MatmulPlan(kernel, tokens: tokens, rows: $0) }
            }
        }
        let fewTokens = shape.tokenCount <= 32 ? vectors : []
        // A tile of which a quarter is used at least, or the smallest there is.
        let all = tiles(parts: 1) + workgroupTiles()
        let least = all.map(\.tokens).min() ?? 0
        let tiles = all.filter { $0.tokens <= max(4 * shape.tokenCount, least) }
        let staged = (tiles + wideTiles(tiles)).flatMap { plan in
            (plan.kernel == .matrix ? [1, 2] : [2]).map { stages in
                var plan = plan
                plan.tile?.stages = stages
                return plan
            }
        }
        let splits = [1, 2, 4, 8].filter { $0 == 1 || shape.columns >= 256 * $0 }
        let tiled = (staged + [.tile()]).flatMap { plan in
            splits.map { count in
                var plan = plan
                plan.splits = count
                return plan
            }
        }
        let table = plan(problem, isBatchInvariant: false)
        var seen: Set<MatmulPlan> = []
        return ([table] + fewTokens + tiled).filter {
            $0.isValid(on: self, format: format, parts: 1) && seen.insert($0).inserted
        }
    }

    /// The same tiles at twice the depth: fewer barriers, more shared memory.
    private func wideTiles(_ tiles: [MatmulPlan]) -> [MatmulPlan] {
        tiles.map { plan in
            var plan = plan
            plan.tile?.depth *= 2
            return plan
        }
    }
}
