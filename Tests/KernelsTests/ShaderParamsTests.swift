import Kernels
import ShaderParams
import Testing

/// The header `shader_params.h` is read by a C compiler and by a GLSL compiler; this is the proof
/// that both laid the structs out alike.
struct ShaderParamsTests {
    @Test func everyVariantHasAStructOfItsOwn() {
        #expect(!Shader.all.isEmpty)
        for shader in Shader.all { #expect(swiftLayout(of: shader) != nil, "\(shader.name)") }
    }

    @Test(arguments: Shader.all.map(\.name))
    func pushConstantsStandWhereSwiftPutsThem(_ name: String) throws {
        let shader = try #require(Shader.all.first { $0.name == name })
        let expected = try #require(swiftLayout(of: shader))
        let actual = try #require(PushConstantLayout(spirv: shader.words))
        #expect(actual == expected, "\(name)")
    }

    @Test func aModuleCutShortIsNotALayout() throws {
        let words = try #require(Shader.all.first).words
        let instructionOfFiveWords: UInt32 = 5 << 16
        #expect(PushConstantLayout(spirv: words + [instructionOfFiveWords, 0]) == nil)
        #expect(PushConstantLayout(spirv: Array(words.prefix(5))) == nil)
    }

    private func swiftLayout(of shader: Shader) -> PushConstantLayout? {
        Self.layouts.first { shader.name.hasPrefix($0.stem) }.map {
            PushConstantLayout(members: $0.members)
        }
    }

    private static func eight<T>(_ paths: PartialKeyPath<T>...) -> [PushConstantLayout.Member] {
        paths.map { member($0, byteCount: 8) }
    }

    private static func four<T>(_ paths: PartialKeyPath<T>...) -> [PushConstantLayout.Member] {
        paths.map { member($0, byteCount: 4) }
    }

    private static func member<T>(
        _ path: PartialKeyPath<T>,
        byteCount: Int
    ) -> PushConstantLayout.Member {
        PushConstantLayout.Member(
            offset: MemoryLayout<T>.offset(of: path) ?? -1,
            byteCount: byteCount
        )
    }

    private static let matmul =
        eight(
            \MatmulParams.weights.quants,
            \.weights.highBits,
            \.weights.scales,
            \.weights.superScales,
            \.x,
            \.xSums,
            \.bias,
            \.residual,
            \.y,
            \.normWeight,
            \.normed,
            \.counters
        )
        + four(
            \MatmulParams.rows,
            \.columns,
            \.tokenCount,
            \.xStride,
            \.yStride,
            \.splitBlocks,
            \.epsilon
        )

    /// The members in the order of the header, for each shader's stem.
    private static let layouts: [(stem: String, members: [PushConstantLayout.Member])] = [
        (
            "embed",
            eight(
                \EmbedParams.weights.quants,
                \.weights.highBits,
                \.weights.scales,
                \.weights.superScales,
                \.tokens,
                \.sampled,
                \.y
            )
                + four(\EmbedParams.columns, \.rows, \.scale)
        ),
        (
            "rms_norm",
            eight(\RMSNormParams.x, \.weight, \.rowIndices, \.y, \.nextWeight, \.normed)
                + four(\RMSNormParams.columns, \.epsilon)
        ),
        (
            "matmul_reduce",
            eight(\MatmulReduceParams.partials, \.bias, \.residual, \.y)
                + four(\MatmulReduceParams.rows, \.tokenCount, \.splitCount, \.yStride)
        ),
        (
            "input_sums",
            eight(\InputSumsParams.x, \.sums) + four(\InputSumsParams.columns, \.unused)
        ),
        (
            "quantize",
            eight(\QuantizeParams.x, \.quants, \.scales)
                + four(\QuantizeParams.columns, \.xStride)
        ),
        (
            "route_experts",
            eight(\RouteExpertsParams.logits, \.experts, \.shares)
                + four(\RouteExpertsParams.expertCount, \.chosenCount)
        ),
        (
            "group_experts",
            eight(\GroupExpertsParams.experts, \.counts, \.lists)
                + four(\GroupExpertsParams.pairCount, \.expertCount, \.listStride)
        ),
        (
            "combine_experts",
            eight(\CombineExpertsParams.x, \.shares, \.y)
                + four(\CombineExpertsParams.columns, \.chosenCount)
        ),
        (
            "matmul_experts",
            eight(
                \MatmulExpertsParams.weights.quants,
                \.weights.highBits,
                \.weights.scales,
                \.weights.superScales,
                \.x,
                \.bias,
                \.y,
                \.experts,
                \.counts,
                \.lists
            )
                + four(
                    \MatmulExpertsParams.rows,
                    \.columns,
                    \.expertCount,
                    \.pairsPerRow,
                    \.listStride
                )
        ),
        ("matmul", matmul),
        ("matvec", matmul),
        (
            "rope_kv_write",
            eight(
                \RoPEKVWriteParams.qkv,
                \.positions,
                \.slotMapping,
                \.rotations,
                \.cache,
                \.queryNorm,
                \.keyNorm
            )
                + four(
                    \RoPEKVWriteParams.qkvStride,
                    \.headCount,
                    \.kvHeadCount,
                    \.rotatedSize,
                    \.epsilon
                )
        ),
        (
            "paged_attention",
            eight(
                \PagedAttentionParams.q,
                \.cache,
                \.blockTables,
                \.tiles,
                \.positions,
                \.y,
                \.partials,
                \.sinks
            )
                + four(
                    \PagedAttentionParams.qStride,
                    \.headCount,
                    \.kvHeadCount,
                    \.window,
                    \.scale,
                    \.softCap
                )
        ),
        (
            "gated_activation",
            eight(\GatedActivationParams.gateUp, \.y)
                + four(\GatedActivationParams.columns, \.tokenCount)
        ),
        (
            "lora_shrink",
            eight(\LoRAShrinkParams.x, \.factors, \.tiles, \.tokens, \.h)
                + four(
                    \LoRAShrinkParams.columns,
                    \.xStride,
                    \.slotCount,
                    \.hStride,
                    \.maxRank
                )
        ),
        (
            "lora_expand",
            eight(\LoRAExpandParams.h, \.factors, \.tiles, \.tokens, \.y)
                + four(\LoRAExpandParams.yStride, \.slotCount, \.hStride, \.maxRank)
        ),
        ("copy", eight(\CopyParams.x, \.y) + four(\CopyParams.quadCount)),
        (
            "fma_peak",
            eight(\FMAPeakParams.y) + four(\FMAPeakParams.count, \.rounds, \.factor, \.addend)
        ),
        (
            "sample",
            eight(\SampleParams.logits, \.edited, \.rows, \.masks, \.tokens)
                + four(\SampleParams.vocabularySize, \.stride, \.maskStride)
        ),
        (
            "edit_logits",
            eight(
                \EditLogitsParams.logits,
                \.edited,
                \.rows,
                \.edits,
                \.bans,
                \.masks,
                \.sampled
            )
                + four(\EditLogitsParams.vocabularySize, \.stride, \.maskStride)
        ),
        (
            "logprobs",
            eight(\LogprobsParams.logits, \.rows, \.tokens, \.entries)
                + four(\LogprobsParams.vocabularySize, \.stride, \.entryStride)
        ),
    ]
}
