// y[t] = scale * w[tokens[t]]
//
// w: [rows, columns] in one of the formats of include/formats; y: float[tokenCount][columns].
// One invocation unpacks one block of 32 weights. A token id with its top bit set has not been seen
// by the host yet: its low bits say where in `sampled` the previous step left it.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "weights.glsl"

layout(push_constant, scalar) uniform Push { EmbedParams p; };

void main() {
    const uint blockCount = p.columns / 32;
    const uint block = gl_GlobalInvocationID.x;
    const uint token = gl_WorkGroupID.y;
    if (block >= blockCount) return;
    uint id = Words(p.tokens).v[token];
    // Loaded in any case, of the first sample if need be: no branch, and no address out of bounds.
    const bool isSampled = (id >> 31) != 0;
    const uint sampledID = Words(p.sampled).v[isSampled ? id & 0x7FFFFFFFu : 0];
    id = min(isSampled ? sampledID : id, p.rows - 1);
    float w[32];
    load_block(p.weights, id * blockCount + block, w);
    Float4s y = Float4s(p.y + 4ul * (token * p.columns + 32 * block));
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        y.v[i] = p.scale * vec4(w[4 * i], w[4 * i + 1], w[4 * i + 2], w[4 * i + 3]);
    }
}
