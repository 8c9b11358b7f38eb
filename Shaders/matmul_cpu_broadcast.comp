// y[t][r] = sum over k of w[r][k] * x[t][k], bit for bit as matmul_cpu
//
// w: [rows, columns] interleaved by eight (include/interleaved.glsl); x, y: see MatmulParams.
// One workgroup of eight lanes computes GROUPS groups of eight rows, a row a lane, for TOKENS
// tokens: each lane loads a word of the weights and a float of each token, and the lanes then show
// each other what they have.
//
// Why: Mesa before 26 loads from an address all lanes share as it does from any other, lane by
// lane, and so eight times the same. Here every lane's load counts, and a broadcast from a known
// lane is a shuffle.
// Roofline: as matmul_cpu, with a shuffle for each weight and activation.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_ballot : require
#include "kernel.glsl"
#include "interleaved.glsl"
#include "matmul_cpu.glsl"

// The lanes of a subgroup that share a group of rows.
const uint LANES = SUBGROUP_SIZE < GROUP_ROWS ? SUBGROUP_SIZE : GROUP_ROWS;
// Loads that bring eight columns of a row of activations.
const uint LOADS = GROUP_ROWS / LANES;
// Words, and loads, that bring eight columns of a plane of a group.
const uint LOW_WORDS = 2 * LOW_BITS;
const uint LOW_LOADS = (LOW_WORDS + LANES - 1) / LANES;
const uint HIGH_WORDS = 2 * HIGH_BITS;
const uint HIGH_LOADS = HIGH_BITS > 0 ? (HIGH_WORDS + LANES - 1) / LANES : 1;

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint place = gl_SubgroupInvocationID % LANES;
    const uint firstToken = gl_WorkGroupID.y * TOKENS;
    [[unroll]] for (uint s = 0; s < GROUPS * TOKENS; ++s) sum[s] = 0;
    uint block = 0;
    do {
        float part[GROUPS * TOKENS];
        BlockScales scales[GROUPS];
        [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
            scales[r] = lane_scales(p.weights, row_group(r), block, BLOCKS, lane);
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) part[r * TOKENS + t] = 0;
        }
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            uint low[GROUPS * LOW_LOADS];
            uint high[GROUPS * HIGH_LOADS];
            [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                const uint64_t at = block_index(row_group(r), block, BLOCKS);
                Words quants = Words(p.weights.quants + at * LOW_BYTES + 4 * LOW_WORDS * i);
                Words highBits = Words(p.weights.highBits + at * HIGH_BYTES + 4 * HIGH_WORDS * i);
                [[unroll]] for (uint n = 0; n < LOW_LOADS; ++n) {
                    low[r * LOW_LOADS + n] = quants.v[min(n * LANES + place, LOW_WORDS - 1)];
                }
                if (HIGH_BITS > 0) {
                    [[unroll]] for (uint n = 0; n < HIGH_LOADS; ++n) {
                        high[r * HIGH_LOADS + n] =
                            highBits.v[min(n * LANES + place, HIGH_WORDS - 1)];
                    }
                }
            }
            float inputs[TOKENS * LOADS];
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                Floats x = Floats(p.x + 4ul * ((firstToken + t) * COLUMNS + 32 * block + 8 * i));
                [[unroll]] for (uint n = 0; n < LOADS; ++n) {
                    inputs[t * LOADS + n] = x.v[n * LANES + place];
                }
            }
            [[unroll]] for (uint j = 0; j < 8; ++j) {
                float w[GROUPS];
                [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                    FourColumns words;
                    [[unroll]] for (uint n = 0; n < LOW_BITS; ++n) {
                        const uint at = j / 4 * LOW_BITS + n;
                        words.low[n] = subgroupBroadcast(
                            low[r * LOW_LOADS + at / LANES], at % LANES);
                    }
                    [[unroll]] for (uint n = 0; n < HIGH_BITS; ++n) {
                        const uint at = j / 4 * HIGH_BITS + n;
                        words.high[n] = subgroupBroadcast(
                            high[r * HIGH_LOADS + at / LANES], at % LANES);
                    }
                    w[r] = unpack(
                        low_word(words, j % 4, lane), high_word(words, j % 4), 8 * i + j, lane,
                        scales[r]);
                }
                [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                    const float input_ =
                        subgroupBroadcast(inputs[t * LOADS + j / LANES], j % LANES);
                    [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                        part[r * TOKENS + t] = fma(w[r], input_, part[r * TOKENS + t]);
                    }
                }
            }
        }
        [[unroll]] for (uint s = 0; s < GROUPS * TOKENS; ++s) sum[s] += part[s];
    } while (++block < BLOCKS);
    store_sums(lane, firstToken);
    if (NORMALISES) normalise_when_last(firstToken);
}
