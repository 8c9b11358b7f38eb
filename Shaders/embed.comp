// y[t] = scale * w[tokens[t]]
//
// w: [rows, columns] in one of the formats of include/formats, row by row or interleaved;
// y: float[tokenCount][columns].
// One invocation unpacks one block of 32 weights. A token id with its top bit set has not been seen
// by the host yet: its low bits say where in `sampled` the previous step left it.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#if defined(INTERLEAVED)
#include "interleaved.glsl"

// A block of 32 weights of a row that stands interleaved with seven others.
void load_block(
    const WeightPlanes planes, const uint row, const uint block, const uint blockCount,
    out float w[32]
) {
    const uint group = row / GROUP_ROWS;
    const uint lane = row % GROUP_ROWS;
    const BlockScales scales = row_scales(planes, group, block, blockCount, lane);
    const uint64_t at = block_index(group, block, blockCount);
    Words low = Words(planes.quants + at * LOW_BYTES);
    Words high = Words(planes.highBits + at * HIGH_BYTES);
    [[unroll]] for (uint i = 0; i < 32; ++i) {
        const uint above = HIGH_BITS > 0 ? high.v[word_at(HIGH_BITS, i, lane)] : 0;
        w[i] = exact_weight(low.v[word_at(LOW_BITS, i, lane)], above, i, lane, scales);
    }
}
#else
#include "weights.glsl"

void load_block(
    const WeightPlanes planes, const uint row, const uint block, const uint blockCount,
    out float w[32]
) {
    load_block(planes, row * blockCount + block, w);
}
#endif

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
    load_block(p.weights, id, block, blockCount, w);
    Float4s y = Float4s(p.y + 4ul * (token * p.columns + 32 * block));
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        y.v[i] = p.scale * vec4(w[4 * i], w[4 * i + 1], w[4 * i + 2], w[4 * i + 3]);
    }
}
