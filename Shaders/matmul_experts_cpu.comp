// y[i][r] = sum over k of w[experts[i]][r][k] * x[i / pairsPerRow][k], then bias and activation as
// MatmulExpertsParams and the constants of include/experts say
//
// w: [parts][experts][rows, columns], interleaved by eight; x, y: see MatmulExpertsParams.
// One workgroup of eight lanes computes GROUPS groups of eight rows, a row a lane, for the pairs of
// an expert, TOKENS at a time, or for one pair; one of sixteen as many pairs of groups.
//
// Why: as matmul_cpu, but for activations whose rows are anywhere. Weights are unpacked once for
// TOKENS pairs; the order of additions is the same for all sizes and both ways of grouping.
// Roofline: 2 * TOKENS FLOPs a weight.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "interleaved.glsl"
#include "experts.glsl"

layout(constant_id = 6) const uint GROUPS = 2;
layout(constant_id = 7) const uint COLUMNS = 32;  // of the weights: addresses are constants

const uint BLOCKS = COLUMNS / 32;
#include "row_sums.glsl"

// The n-th group of rows of this workgroup, and of each pair of them the first; gate and up take
// turns.
uint row_group(const uint expert, const uint n) {
    return part_row(expert, n % PARTS) / GROUP_ROWS
        + (gl_WorkGroupID.x * (GROUPS / PARTS) + n / PARTS) * SIDES;
}

void main() {
    const uint lane = row_lane();
    const LanePlace place = lane_place(lane);
    const uint expert = group_expert();
    const uint pairCount = group_pair_count(expert);
    if (pairCount == 0) return;
    uint64_t low[GROUPS];
    uint64_t high[GROUPS];
    float bias[GROUPS];
    [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
        const uint64_t first = block_index(row_group(expert, r), 0, BLOCKS);
        low[r] = p.weights.quants + first * LOW_BYTES;
        high[r] = p.weights.highBits + first * HIGH_BYTES;
        bias[r] = 0;
        if (ADDS_BIAS) bias[r] = Floats(p.bias).v[row_group(expert, r) * GROUP_ROWS + lane];
    }
    uint done = 0;
    do {
        uint pair[TOKENS];
        uint64_t x[TOKENS];
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
            pair[t] = group_pair(expert, min(done + t, pairCount - 1));
            x[t] = p.x + 4ul * (pair[t] / p.pairsPerRow) * COLUMNS;
            [[unroll]] for (uint r = 0; r < GROUPS; ++r) sum[r * TOKENS + t] = 0;
        }
        uint block = 0;
        do {
            BlockScales scales[GROUPS];
            [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                scales[r] = placed_scales(
                    lane_scales(p.weights, row_group(expert, r), block, BLOCKS, lane), place);
            }
            [[unroll]] for (uint h = 0; h < SCALE_PARTS; ++h) {
                begin_part();
                [[unroll]] for (uint q = 0; q < PART_QUADS; ++q) {
                    const uint i = h * PART_QUADS + q;
                    float w[GROUPS * 4];
                    [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                        const uint64_t at = uint64_t(BANDED_GROUPS) * block;
                        const FourColumns words =
                            load_columns(low[r] + at * LOW_BYTES, high[r] + at * HIGH_BYTES, i);
                        [[unroll]] for (uint j = 0; j < 4; ++j) {
                            w[4 * r + j] = placed_weight(
                                low_word(words, j, lane), high_word(words, j, lane), 4 * i + j,
                                place);
                        }
                    }
                    [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                        const vec4 quad = Float4s(x[t]).v[8 * block + i];
                        [[unroll]] for (uint j = 0; j < 4; ++j) {
                            [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                                part[r * TOKENS + t] =
                                    fma(w[4 * r + j], quad[j], part[r * TOKENS + t]);
                            }
                            inputSum[t] += quad[j];
                        }
                    }
                }
                [[unroll]] for (uint r = 0; r < GROUPS; ++r) end_part(r, scales[r], h);
            }
        } while (++block < BLOCKS);
        [[unroll]] for (uint r = 0; r < GROUPS; r += PARTS) {
            const uint group = (gl_WorkGroupID.x * (GROUPS / PARTS) + r / PARTS) * SIDES;
            const uint row = group * GROUP_ROWS + lane;
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                float value = sum[r * TOKENS + t] + bias[r];
                if (ACTIVATION != NO_ACTIVATION) {
                    const uint up = (r + 1) % GROUPS;
                    value = activate(ACTIVATION, value, sum[up * TOKENS + t] + bias[up]);
                }
                if (done + t < pairCount) Floats(p.y).v[pair[t] * p.rows + row] = value;
            }
        }
        done += TOKENS;
    } while (done < pairCount);
}
