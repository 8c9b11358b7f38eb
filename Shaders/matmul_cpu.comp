// y[t][r] = sum over k of w[r][k] * x[t][k] (+ residual[t][r])
//
// w: [rows, columns] in one of the formats of include/formats; x, y: see MatmulParams.
// One invocation computes one row for COLUMNS tokens, held in registers.
//
// Why: on lavapipe an invocation is a SIMD lane. Weights are loaded once for COLUMNS tokens; the
// activations are at addresses all lanes share, one scalar load and a broadcast; no shared memory,
// no barrier, no branch around the loop. The order of additions in a row is the same for every
// COLUMNS, which makes results independent of the batch.
// Roofline: 2 * COLUMNS FLOPs a weight; at COLUMNS = 16 bound by FMA, at 1 by unpacking weights.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "weights.glsl"

layout(constant_id = 2) const uint COLUMNS = 1;
layout(constant_id = 3) const bool ADDS_RESIDUAL = false;
layout(push_constant, scalar) uniform Push { MatmulParams p; };

void main() {
    const uint row = min(gl_GlobalInvocationID.x, p.rows - 1);
    const uint firstToken = gl_WorkGroupID.y * COLUMNS;
    const uint blockCount = p.columns / 32;
    Float4s x = Float4s(p.x);
    const uint stride = p.xStride / 4;

    float sum[COLUMNS];
    [[unroll]] for (uint c = 0; c < COLUMNS; ++c) sum[c] = 0;
    // The condition comes last: see kernel.glsl on loops.
    uint block = 0;
    do {
        float w[32];
        load_block(p.weights, row * blockCount + block, w);
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) {
            const uint base = (firstToken + c) * stride + block * 8;
            float part = 0;
            [[unroll]] for (uint i = 0; i < 8; ++i) {
                const vec4 quad = x.v[base + i];
                [[unroll]] for (uint j = 0; j < 4; ++j) part = fma(w[4 * i + j], quad[j], part);
            }
            sum[c] += part;
        }
    } while (++block < blockCount);
    if (gl_GlobalInvocationID.x < p.rows) {
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) {
            const uint token = firstToken + c;
            if (token < p.tokenCount) {
                const uint at = token * p.yStride + row;
                if (ADDS_RESIDUAL) sum[c] += Floats(p.residual).v[at];
                Floats(p.y).v[at] = sum[c];
            }
        }
    }
}
