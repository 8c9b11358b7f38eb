// y[t][r] = sum over k of w[r][k] * x[t][k], and what epilogue.glsl adds, for few tokens
//
// w: [rows, columns] in one of the formats of include/formats; x, y: see MatmulParams.
// One subgroup computes ROWS rows of y for COLUMNS tokens: its lanes take blocks of 32 weights in
// turn, and their sums meet in one subgroup addition.
//
// Why: with so few tokens every weight is used a handful of times, so the weights' bandwidth is the
// limit; each is loaded once, in 16-byte loads, and unpacked for all tokens. A second row shares the
// activations' loads with the first, and doubles the loads of weights in flight.
// Roofline: the bytes of w over the memory's bandwidth.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "weights.glsl"

layout(push_constant, scalar) uniform Push { MatmulParams p; };
#include "epilogue.glsl"
layout(constant_id = 2) const uint COLUMNS = 1;
layout(constant_id = 6) const uint ROWS = 1;
const uint WEIGHT_ROWS = PARTS * ROWS;

uint output_row(const uint row) {
    return (gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID) * ROWS + row;
}

void main() {
    const uint rowCount = output_rows();
    const uint blockCount = p.columns / 32;
    const uint firstToken = gl_WorkGroupID.y * COLUMNS;
    Float4s x = Float4s(p.x);

    uint firstBlock[WEIGHT_ROWS];
    float sum[WEIGHT_ROWS * COLUMNS];
    [[unroll]] for (uint r = 0; r < WEIGHT_ROWS; ++r) {
        const uint row = min(output_row(r % ROWS), rowCount - 1);
        firstBlock[r] = (r / ROWS * rowCount + row) * blockCount;
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) sum[r * COLUMNS + c] = 0;
    }
    for (uint block = gl_SubgroupInvocationID; block < blockCount; block += gl_SubgroupSize) {
        float w[WEIGHT_ROWS][32];
        [[unroll]] for (uint r = 0; r < WEIGHT_ROWS; ++r) {
            load_block(p.weights, firstBlock[r] + block, w[r]);
        }
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) {
            const uint token = min(firstToken + c, p.tokenCount - 1);
            const uint at = token * (p.xStride / 4) + block * 8;
            [[unroll]] for (uint i = 0; i < 8; ++i) {
                const vec4 quad = x.v[at + i];
                [[unroll]] for (uint r = 0; r < WEIGHT_ROWS; ++r) {
                    const vec4 weight =
                        vec4(w[r][4 * i], w[r][4 * i + 1], w[r][4 * i + 2], w[r][4 * i + 3]);
                    sum[r * COLUMNS + c] += dot(weight, quad);
                }
            }
        }
    }
    [[unroll]] for (uint i = 0; i < WEIGHT_ROWS * COLUMNS; ++i) sum[i] = subgroupAdd(sum[i]);
    if (!subgroupElect()) return;
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        const uint row = output_row(r);
        if (row >= rowCount) return;
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) {
            float value = sum[r * COLUMNS + c] + bias(row);
            if (IS_GATED) {
                const uint up = (PARTS - 1) * ROWS + r;
                value = activate(value, sum[up * COLUMNS + c] + bias(rowCount + row));
            }
            if (firstToken + c < p.tokenCount) store_output(firstToken + c, row, value);
        }
    }
}
