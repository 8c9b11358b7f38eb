// y[t][r] = sum over k of w[r][k] * x[t][k] (+ residual[t][r]), for many tokens
//
// w: [rows, columns] in one of the formats of include/formats; x, y: see MatmulParams.
// One workgroup of 128 computes a tile of 64 rows by 32 tokens, each invocation 4 by 4 of it, 32
// columns at a time through shared memory: one half of the workgroup unpacks a block of weights
// each, the other half copies the activations.
//
// Why: a weight is unpacked once for 32 tokens and an activation loaded once for 64 rows. Tiles are
// stored column first with a stride of one more than their width, against bank conflicts.
// Roofline: 16 FMAs for 8 loads from shared memory; bound by those, not by memory.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "weights.glsl"

layout(constant_id = 2) const uint COLUMNS = 32;  // tokens of a tile; the launcher's, unused here
layout(constant_id = 3) const bool ADDS_RESIDUAL = false;
layout(push_constant, scalar) uniform Push { MatmulParams p; };

const uint ROWS = 64;
const uint TOKENS = 32;
const uint ROW_STRIDE = ROWS + 1;
const uint TOKEN_STRIDE = TOKENS + 1;
shared float weightTile[32 * ROW_STRIDE];
shared float inputTile[32 * TOKEN_STRIDE];

void load_weights(const uint lane, const uint block, const uint blockCount) {
    const uint row = min(gl_WorkGroupID.x * ROWS + lane, p.rows - 1);
    float w[32];
    load_block(p.weights, row * blockCount + block, w);
    [[unroll]] for (uint k = 0; k < 32; ++k) weightTile[k * ROW_STRIDE + lane] = w[k];
}

void load_inputs(const uint lane, const uint block) {
    Float4s x = Float4s(p.x);
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        const uint quad = lane % 8;
        const uint token = lane / 8 + 8 * i;
        const uint source = min(gl_WorkGroupID.y * TOKENS + token, p.tokenCount - 1);
        const vec4 values = x.v[source * (p.xStride / 4) + block * 8 + quad];
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            inputTile[(4 * quad + j) * TOKEN_STRIDE + token] = values[j];
        }
    }
}

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint blockCount = p.columns / 32;
    const uint rowLane = lane % 16;
    const uint tokenLane = lane / 16;

    float sum[4][4];
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        [[unroll]] for (uint j = 0; j < 4; ++j) sum[i][j] = 0;
    }
    for (uint block = 0; block < blockCount; ++block) {
        if (lane < ROWS) {
            load_weights(lane, block, blockCount);
        } else {
            load_inputs(lane - ROWS, block);
        }
        barrier();
        for (uint k = 0; k < 32; ++k) {
            float w[4], x[4];
            [[unroll]] for (uint i = 0; i < 4; ++i) {
                w[i] = weightTile[k * ROW_STRIDE + rowLane + 16 * i];
                x[i] = inputTile[k * TOKEN_STRIDE + tokenLane + 8 * i];
            }
            [[unroll]] for (uint i = 0; i < 4; ++i) {
                [[unroll]] for (uint j = 0; j < 4; ++j) sum[i][j] = fma(w[i], x[j], sum[i][j]);
            }
        }
        barrier();
    }
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            const uint row = gl_WorkGroupID.x * ROWS + rowLane + 16 * i;
            const uint token = gl_WorkGroupID.y * TOKENS + tokenLane + 8 * j;
            if (row < p.rows && token < p.tokenCount) {
                const uint at = token * p.yStride + row;
                if (ADDS_RESIDUAL) sum[i][j] += Floats(p.residual).v[at];
                Floats(p.y).v[at] = sum[i][j];
            }
        }
    }
}
