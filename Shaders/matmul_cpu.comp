// y[t][r] = sum over k of w[r][k] * x[t][k], then bias, activation, residual and norm as
// MatmulParams and the constants of include/matmul_cpu say
//
// w: [rows, columns] interleaved by eight (include/interleaved.glsl); x, y: see MatmulParams.
// One workgroup of eight lanes computes GROUPS groups of eight rows, a row a lane, for TOKENS
// tokens, all sums in registers.
//
// Why: on lavapipe an invocation is a SIMD lane, and a load from an address that all lanes share is
// one broadcast where a gather costs ten of them. A word holds the weights of all lanes' rows, so
// weights and activations alike are such loads; addresses differ by constants; several groups of
// rows give independent chains of additions. The order of additions in a row is the same for every
// TOKENS and GROUPS, which makes results independent of the batch.
// Roofline: 2 * TOKENS FLOPs a weight; at 16 tokens bound by multiplications and additions, at one
// by the five operations that unpack a weight.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "interleaved.glsl"
#include "matmul_cpu.glsl"

FourColumns load_columns(const uint64_t low, const uint64_t high, const uint quad) {
    FourColumns words;
#if LOW_BITS == 2
    const uvec2 pair = Word2s(low).v[quad];
    [[unroll]] for (uint n = 0; n < 2; ++n) words.low[n] = pair[n];
#else
    [[unroll]] for (uint n = 0; n < LOW_BITS; n += 4) {
        const uvec4 four = Word4s(low).v[(LOW_BITS * quad + n) / 4];
        [[unroll]] for (uint m = 0; m < 4; ++m) words.low[n + m] = four[m];
    }
#endif
    [[unroll]] for (uint n = 0; n < HIGH_BITS; ++n) {
        words.high[n] = Words(high).v[HIGH_BITS * quad + n];
    }
    return words;
}

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint firstToken = gl_WorkGroupID.y * TOKENS;
    const uint64_t x = p.x + 4ul * firstToken * COLUMNS;
    uint64_t low[GROUPS];
    uint64_t high[GROUPS];
    [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
        const uint64_t first = block_index(row_group(r), 0, BLOCKS);
        low[r] = p.weights.quants + first * LOW_BYTES;
        high[r] = p.weights.highBits + first * HIGH_BYTES;
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) sum[r * TOKENS + t] = 0;
    }
    // The condition comes last: see kernel.glsl on loops. Addresses are computed anew from the
    // block: one carried around the loop would be a vector.
    uint block = 0;
    do {
        float part[GROUPS * TOKENS];
        BlockScales scales[GROUPS];
        [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
            scales[r] = lane_scales(p.weights, row_group(r), block, BLOCKS, lane);
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) part[r * TOKENS + t] = 0;
        }
        Float4s inputs = Float4s(x + 128ul * block);
        [[unroll]] for (uint i = 0; i < 8; ++i) {
            float w[GROUPS * 4];
            [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                const uint64_t at = uint64_t(BANDED_GROUPS) * block;
                const FourColumns words =
                    load_columns(low[r] + at * LOW_BYTES, high[r] + at * HIGH_BYTES, i);
                [[unroll]] for (uint j = 0; j < 4; ++j) {
                    w[4 * r + j] = unpack(
                        low_word(words, j, lane), high_word(words, j), 4 * i + j, lane, scales[r]);
                }
            }
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                const vec4 quad = inputs.v[t * (COLUMNS / 4) + i];
                [[unroll]] for (uint j = 0; j < 4; ++j) {
                    [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                        part[r * TOKENS + t] = fma(w[4 * r + j], quad[j], part[r * TOKENS + t]);
                    }
                }
            }
        }
        [[unroll]] for (uint s = 0; s < GROUPS * TOKENS; ++s) sum[s] += part[s];
    } while (++block < BLOCKS);
    store_sums(lane, firstToken);
    if (NORMALISES) normalise_when_last(firstToken);
}
