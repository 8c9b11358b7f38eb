// y[t][r] = sum over k of w[r][k] * x[t][k], bit for bit as matmul_cpu
//
// w: [rows, columns] interleaved by eight (include/interleaved); x, y: see MatmulParams.
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
// Loads that bring eight columns of a row of activations, or of a group's weights.
const uint LOADS = GROUP_ROWS / LANES;

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint place = gl_SubgroupInvocationID % LANES;
    const uint firstToken = gl_WorkGroupID.y * TOKENS;
    [[unroll]] for (uint s = 0; s < GROUPS * TOKENS; ++s) sum[s] = 0;
    uint block = 0;
    do {
        float part[GROUPS * TOKENS];
        Scales scales[GROUPS];
        [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
            scales[r] = load_scales(p.weights, block_index(row_group(r), block, BLOCKS), lane);
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) part[r * TOKENS + t] = 0;
        }
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            uint words[GROUPS * WORDS * LOADS];
            [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                Words quants = Words(
                    p.weights.quants
                    + uint64_t(block_index(row_group(r), block, BLOCKS)) * BLOCK_BYTES
                    + 4 * GROUP_ROWS * WORDS * i);
                [[unroll]] for (uint n = 0; n < WORDS * LOADS; ++n) {
                    words[r * WORDS * LOADS + n] = quants.v[n * LANES + place];
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
                    uint column[WORDS];
                    [[unroll]] for (uint n = 0; n < WORDS; ++n) {
                        const uint at = WORDS * j + n;
                        column[n] = subgroupBroadcast(
                            words[r * WORDS * LOADS + at / LANES], at % LANES);
                    }
                    w[r] = unpack(word_of(lane, column), lane, scales[r]);
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
