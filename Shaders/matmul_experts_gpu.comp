// y[i][r] = sum over k of w[experts[i]][r][k] * x[i / pairsPerRow][k], then bias and activation as
// MatmulExpertsParams and the constants of include/experts say
//
// w: [parts][experts][rows, columns] in one of the formats of include/formats; x, y: see
// MatmulExpertsParams. One subgroup computes one row of y for the pairs of an expert, TOKENS at a
// time, or for one pair: its lanes take blocks of 32 weights in turn.
//
// Why: as matvec_gpu. A token uses few experts, so that few pairs share a weight, and the weights'
// bandwidth is the limit; each is loaded once for TOKENS pairs.
// Roofline: the bytes of the experts that are used, over the memory's bandwidth.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "weights.glsl"
#include "experts.glsl"

void main() {
    const uint expert = group_expert();
    const uint pairCount = group_pair_count(expert);
    const uint row = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    if (pairCount == 0 || row >= p.rows) return;
    const uint blockCount = p.columns / 32;
    uint done = 0;
    do {
        uint pair[TOKENS];
        float sum[PARTS * TOKENS];
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
            pair[t] = group_pair(expert, min(done + t, pairCount - 1));
            [[unroll]] for (uint r = 0; r < PARTS; ++r) sum[r * TOKENS + t] = 0;
        }
        for (uint block = gl_SubgroupInvocationID; block < blockCount; block += gl_SubgroupSize) {
            float w[PARTS][32];
            [[unroll]] for (uint r = 0; r < PARTS; ++r) {
                load_block(p.weights, (part_row(expert, r) + row) * blockCount + block, w[r]);
            }
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                const uint at = (pair[t] / p.pairsPerRow * blockCount + block) * 8;
                [[unroll]] for (uint i = 0; i < 8; ++i) {
                    const vec4 quad = Float4s(p.x).v[at + i];
                    [[unroll]] for (uint r = 0; r < PARTS; ++r) {
                        const vec4 weight = vec4(
                            w[r][4 * i], w[r][4 * i + 1], w[r][4 * i + 2], w[r][4 * i + 3]);
                        sum[r * TOKENS + t] += dot(weight, quad);
                    }
                }
            }
        }
        [[unroll]] for (uint i = 0; i < PARTS * TOKENS; ++i) sum[i] = subgroupAdd(sum[i]);
        if (subgroupElect()) {
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                float value = sum[t];
                if (ADDS_BIAS) value += Floats(p.bias).v[part_row(expert, 0) + row];
                if (ACTIVATION != NO_ACTIVATION) {
                    float up = sum[(PARTS - 1) * TOKENS + t];
                    if (ADDS_BIAS) up += Floats(p.bias).v[part_row(expert, 1) + row];
                    value = activate(ACTIVATION, value, up);
                }
                if (done + t < pairCount) Floats(p.y).v[pair[t] * p.rows + row] = value;
            }
        }
        done += TOKENS;
    } while (done < pairCount);
}
