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
// Words, and loads, that bring eight columns of a plane of a group. Words of one row go to its lane
// at once.
const bool OWN_WORDS = LOW_BITS >= 8;
const uint LOW_WORDS = 2 * LOW_BITS;
const uint LOW_STEP = OWN_WORDS ? GROUP_ROWS : LANES;
const uint LOW_LOADS = (LOW_WORDS + LOW_STEP - 1) / LOW_STEP;
const uint HIGH_WORDS = 2 * HIGH_BITS;
const uint HIGH_LOADS = HIGH_BITS > 0 ? (HIGH_WORDS + LANES - 1) / LANES : 1;

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const LanePlace place = lane_place(lane);
    const uint source = gl_SubgroupInvocationID % LANES;
    const uint firstToken = gl_WorkGroupID.y * TOKENS;
    [[unroll]] for (uint s = 0; s < GROUPS * TOKENS; ++s) sum[s] = 0;
    uint block = 0;
    do {
        BlockScales scales[GROUPS];
        [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
            scales[r] = placed_scales(
                row_scales(p.weights, row_group(r), block, BLOCKS, lane), place);
        }
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            if (i % (PART_QUADS / 2) == 0) begin_part();
            uint low[GROUPS * LOW_LOADS];
            uint high[GROUPS * HIGH_LOADS];
            [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                const uint64_t at = block_index(row_group(r), block, BLOCKS);
                Words quants = Words(p.weights.quants + at * LOW_BYTES + 4 * LOW_WORDS * i);
                Words highBits = Words(p.weights.highBits + at * HIGH_BYTES + 4 * HIGH_WORDS * i);
                [[unroll]] for (uint n = 0; n < LOW_LOADS; ++n) {
                    const uint at = n * LOW_STEP + (OWN_WORDS ? lane : source);
                    low[r * LOW_LOADS + n] = quants.v[min(at, LOW_WORDS - 1)];
                }
                if (HIGH_BITS > 0) {
                    [[unroll]] for (uint n = 0; n < HIGH_LOADS; ++n) {
                        high[r * HIGH_LOADS + n] =
                            highBits.v[min(n * LANES + source, HIGH_WORDS - 1)];
                    }
                }
            }
            float inputs[TOKENS * LOADS];
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                Floats x = Floats(p.x + 4ul * ((firstToken + t) * COLUMNS + 32 * block + 8 * i));
                [[unroll]] for (uint n = 0; n < LOADS; ++n) {
                    inputs[t * LOADS + n] = x.v[n * LANES + source];
                }
            }
            [[unroll]] for (uint j = 0; j < 8; ++j) {
                float w[GROUPS];
                [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                    uint lowWord = low[r * LOW_LOADS + LOW_BITS * j / 32];
                    if (!OWN_WORDS) {
                        const uint at = word_at(LOW_BITS, j, 0);
                        lowWord =
                            subgroupBroadcast(low[r * LOW_LOADS + at / LANES], at % LANES);
                    }
                    uint highWord = 0;
                    if (HIGH_BITS > 0) {
                        const uint at = word_at(HIGH_BITS, j, 0);
                        highWord =
                            subgroupBroadcast(high[r * HIGH_LOADS + at / LANES], at % LANES);
                    }
                    w[r] = placed_weight(lowWord, highWord, 8 * i + j, place);
                }
                [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                    const float input_ =
                        subgroupBroadcast(inputs[t * LOADS + j / LANES], j % LANES);
                    [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                        part[r * TOKENS + t] = fma(w[r], input_, part[r * TOKENS + t]);
                    }
                    inputSum[t] += input_;
                }
            }
            if ((i + 1) % (PART_QUADS / 2) == 0) {
                [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                    end_part(r, scales[r], i / (PART_QUADS / 2));
                }
            }
        }
    } while (++block < BLOCKS);
    store_sums(lane, firstToken);
    if (NORMALISES) normalise_when_last(firstToken);
}
