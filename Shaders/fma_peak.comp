// y[i] = sum over c of v[c], each after STEPS * rounds steps of v[c] = v[c] * factor + addend from
// (i % 16 + c) / 16 on
//
// y: float[count]. One invocation runs CHAINS chains that do not depend on each other, as many as
// hide an FMA's latency and still fit the registers.
// Why: it is the ceiling of all that is bound by arithmetic without matrix units.
// Roofline: 2 * STEPS * CHAINS * rounds FLOPs for the 4 bytes of a result.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(constant_id = 2) const uint CHAINS = 8;
layout(constant_id = 3) const uint STEPS = 64;
layout(push_constant, scalar) uniform Push { FMAPeakParams p; };

void main() {
    const uint i = gl_GlobalInvocationID.x;
    float v[CHAINS];
    [[unroll]] for (uint c = 0; c < CHAINS; ++c) v[c] = float(i % 16 + c) / 16;
    const float factor = p.factor;
    const float addend = p.addend;
    for (uint round = 0; round < p.rounds; ++round) {
        [[unroll]] for (uint step = 0; step < STEPS; ++step) {
            [[unroll]] for (uint c = 0; c < CHAINS; ++c) v[c] = fma(v[c], factor, addend);
        }
    }
    float sum = 0;
    [[unroll]] for (uint c = 0; c < CHAINS; ++c) sum += v[c];
    if (i < p.count) Floats(p.y).v[i] = sum;
}
