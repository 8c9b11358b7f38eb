// y[t][r] = sum over k of w[r][k] * x[t][k], and what epilogue.glsl adds, for many tokens
//
// w: [rows, columns] in one of the formats of include/formats; x, y: see MatmulParams.
// For devices without cooperative matrices. One workgroup of 128 computes a tile of 64 rows by 32 tokens, each invocation 4 by 4 of it, 32
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

layout(push_constant, scalar) uniform Push { MatmulParams p; };
#include "epilogue.glsl"

const uint ROWS = 64;
const uint TOKENS = 32;
const uint ROW_STRIDE = ROWS + 1;
const uint TOKEN_STRIDE = TOKENS + 1;
shared float weightTile[32 * ROW_STRIDE];
shared float inputTile[32 * TOKEN_STRIDE];

// Sixteen rows of the tile are neighbours; where there is a gate, gate and up rows take turns.
uint output_row(const uint row) {
    return gl_WorkGroupID.x * (ROWS / PARTS) + row / 16 / PARTS * 16 + row % 16;
}

void load_weights(const uint lane, const uint block, const uint blockCount) {
    const uint row = lane / 16 % PARTS * output_rows() + min(output_row(lane), output_rows() - 1);
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
    const uint firstBlock = gl_WorkGroupID.z * p.splitBlocks;
    const uint endBlock = min(firstBlock + p.splitBlocks, blockCount);
    for (uint block = firstBlock; block < endBlock; ++block) {
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
    [[unroll]] for (uint i = 0; i < 4; i += PARTS) {
        const uint row = output_row(rowLane + 16 * i);
        if (row >= output_rows()) return;
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            const uint token = gl_WorkGroupID.y * TOKENS + tokenLane + 8 * j;
            float value = sum[i][j] + bias(row);
            if (IS_GATED) {
                value = activate(value, sum[i + PARTS - 1][j] + bias(output_rows() + row));
            }
            if (token < p.tokenCount) store_output(token, row, value);
        }
    }
}
