// y[t][r] = sum over k of w[r][k] * x[t][k] (+ residual[t][r]), for one to eight tokens
//
// w: [rows, columns] in one of the formats of include/formats; x, y: see MatmulParams.
// One subgroup computes one row for COLUMNS tokens: its lanes take blocks of 32 weights in turn,
// and their sums meet in one subgroup addition.
//
// Why: with so few tokens every weight is used a handful of times, so the weights' bandwidth is the
// limit; each is loaded once, in 16-byte loads, and unpacked for all tokens.
// Roofline: the bytes of w over the memory's bandwidth.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "weights.glsl"

layout(constant_id = 2) const uint COLUMNS = 1;
layout(constant_id = 3) const bool ADDS_RESIDUAL = false;
layout(push_constant, scalar) uniform Push { MatmulParams p; };

void main() {
    const uint row = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    const uint safeRow = min(row, p.rows - 1);
    const uint blockCount = p.columns / 32;
    const uint stride = p.xStride / 4;
    Float4s x = Float4s(p.x);

    float sum[COLUMNS];
    [[unroll]] for (uint c = 0; c < COLUMNS; ++c) sum[c] = 0;
    for (uint block = gl_SubgroupInvocationID; block < blockCount; block += gl_SubgroupSize) {
        float w[32];
        load_block(p.weights, safeRow * blockCount + block, w);
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) {
            [[unroll]] for (uint i = 0; i < 8; ++i) {
                const vec4 quad = x.v[c * stride + block * 8 + i];
                const vec4 weight = vec4(w[4 * i], w[4 * i + 1], w[4 * i + 2], w[4 * i + 3]);
                sum[c] += dot(weight, quad);
            }
        }
    }
    [[unroll]] for (uint c = 0; c < COLUMNS; ++c) sum[c] = subgroupAdd(sum[c]);
    if (row < p.rows && subgroupElect()) {
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) {
            if (c < p.tokenCount) {
                const uint at = c * p.yStride + row;
                if (ADDS_RESIDUAL) sum[c] += Floats(p.residual).v[at];
                Floats(p.y).v[at] = sum[c];
            }
        }
    }
}
