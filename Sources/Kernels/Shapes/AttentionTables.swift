extension AttentionCase {
    /// Everything below, in every KV format that can hold it.
    public static let awkward: [AttentionCase] = {
        let formats = KVFormat.allCases
        // Formats by what is read of a block; what is made of the numbers, once in turn.
        let all =
            formats.flatMap { format in (edges + layouts).map { $0.stored(as: format) } }
            + (features + long).enumerated().map { index, item in
                item.stored(as: formats[index % formats.count])
            }
        return all.filter { $0.headSize % $0.kvFormat.headSizeMultiple == 0 }
    }()

    /// Single tokens and prompts at and around a block's and a tile's edges.
    private static let edges = mixed.map {
        AttentionCase(headCount: 9, kvHeadCount: 3, headSize: 64, runs: [$0])
    }

    /// All of them in one batch.
    private static let mixed =
        [1, 15, 16, 17, 33, 500].map { Run(tokenCount: 1, contextLength: $0) }
        + [(7, 40), (16, 33), (33, 100), (1, 64)].map {
            Run(tokenCount: $0.0, contextLength: $0.1)
        }
        + [2, 3, 15, 16, 17, 31, 33].map { Run(tokenCount: $0, contextLength: $0) }

    /// Every layout of heads, every size of heads and of blocks.
    private static let layouts =
        [(1, 1), (9, 3), (8, 8), (32, 8), (7, 1)].map {
            AttentionCase(headCount: $0.0, kvHeadCount: $0.1, headSize: 64, runs: mixed)
        }
        + [80, 96, 128, 256].map {
            AttentionCase(headCount: 6, kvHeadCount: 2, headSize: $0, runs: mixed)
        }
        + [4, 12, 32, 64].map {
            AttentionCase(headCount: 4, kvHeadCount: 2, headSize: 64, blockSize: $0, runs: mixed)
        }

    /// Windows of one key, within a block, at and across borders of blocks and of splits, and wider
    /// than the context; each feature alone and all at once.
    private static let features: [AttentionCase] = {
        let plain = AttentionCase(headCount: 6, kvHeadCount: 2, headSize: 64, runs: mixed)
        func with(_ change: (inout AttentionCase) -> Void) -> AttentionCase {
            var other = plain
            change(&other)
            return other
        }
        return [1, 5, 16, 17, 100, 256, 300, 5000].map { width in with { $0.window = width } }
            + [with { $0.softCap = 2 }, with { $0.hasSinks = true }]
            + [80, 128, 256].map {
                AttentionCase(
                    headCount: 4,
                    kvHeadCount: 2,
                    headSize: $0,
                    window: 40,
                    softCap: 5,
                    hasSinks: true,
                    runs: mixed
                )
            }
    }()

    /// Contexts of many splits, by single tokens that are spread over workgroups and by chunks.
    private static let long: [AttentionCase] = {
        let runs = [(1, 1300), (1, 257), (1, 256), (3, 514), (20, 1030), (1, 1025)].map {
            Run(tokenCount: $0.0, contextLength: $0.1)
        }
        return [(9, 3, nil), (10, 1, 700), (4, 1, 3)].map {
            AttentionCase(
                headCount: $0.0,
                kvHeadCount: $0.1,
                headSize: 64,
                window: $0.2,
                hasSinks: $0.2 == 700,
                runs: runs
            )
        }
    }()

    /// A prompt, single tokens at a long context, and both at once.
    public static let typical: [AttentionCase] = {
        let prompt = Run(tokenCount: 512, contextLength: 512)
        let single = Run(tokenCount: 1, contextLength: 1000)
        return [[prompt], [single], [Run](repeating: single, count: 16), [prompt, single]].flatMap {
            runs in
            [(9, 3, 64), (32, 8, 128)].map {
                AttentionCase(headCount: $0.0, kvHeadCount: $0.1, headSize: $0.2, runs: runs)
            }
        }
    }()
}
