// q[t][k] = round(x[t][k] / d), d = the greatest |x| of 32 neighbours / 127
//
// x: float[tokens][xStride]. quants: signed bytes, [tokens][columns], 16 to a vector. scales:
// uvec2[tokens][columns / 32]: d as a float, then the sums of the first and the last 16 quants, 16
// bits each, which products with weights that have minima need.
// One invocation quantises a block of 32 activations.
//
// Why: integer dot products want bytes on both sides. (ggml's q8_1, with its sums unscaled.)
// Roofline: 4 bytes read and 1.25 written an activation.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(push_constant, scalar) uniform Push { QuantizeParams p; };

BUFFER(ScaledSums, uvec2, 8);

void main() {
    const uint block = gl_GlobalInvocationID.x;
    const uint token = gl_WorkGroupID.y;
    const uint blockCount = p.columns / 32;
    if (block >= blockCount) return;

    vec4 x[8];
    vec4 greatest = vec4(0);
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        x[i] = Float4s(p.x).v[token * (p.xStride / 4) + block * 8 + i];
        greatest = max(greatest, abs(x[i]));
    }
    const vec2 pairs = max(greatest.xy, greatest.zw);
    const float d = max(pairs.x, pairs.y) / 127;
    const float inverse = d > 0 ? 1 / d : 0;

    const uint at = token * blockCount + block;
    ivec2 sums = ivec2(0);
    [[unroll]] for (uint part = 0; part < 2; ++part) {
        uvec4 words;
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            const ivec4 q = ivec4(clamp(roundEven(x[4 * part + i] * inverse), -127, 127));
            sums[part] += q.x + q.y + q.z + q.w;
            const uvec4 bytes = uvec4(q & 0xFF);
            words[i] = bytes.x | bytes.y << 8 | bytes.z << 16 | bytes.w << 24;
        }
        Word4s(p.quants).v[2 * at + part] = words;
    }
    const uint packedSums = uint(sums.x & 0xFFFF) | uint(sums.y) << 16;
    ScaledSums(p.scales).v[at] = uvec2(floatBitsToUint(d), packedSums);
}
