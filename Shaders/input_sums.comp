// sums[t][i] = sum over k of x[t][WIDTH * i + k], k in 0 ..< WIDTH, one after the other
//
// One subgroup computes a sum a lane, all of one token.
//
// Why: matmul_cpu applies a format's offsets to the sums of the activations. At many tokens every
// group of rows would add them up anew, an addition for each multiplication. Where lanes share
// loads they all compute each other's sums: that is cheaper to lavapipe than a load of each.
// Roofline: reads x once, in the order in which matmul_cpu adds.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(constant_id = 2) const uint WIDTH = 32;
layout(constant_id = 3) const bool SHARES_LOADS = true;
layout(push_constant, scalar) uniform Push { InputSumsParams p; };

float sum_at(const uint token, const uint place) {
    Float4s x = Float4s(p.x + 4ul * (token * p.columns + place * WIDTH));
    float sum = 0;
    [[unroll]] for (uint i = 0; i < WIDTH / 4; ++i) {
        const vec4 quad = x.v[i];
        [[unroll]] for (uint j = 0; j < 4; ++j) sum += quad[j];
    }
    return sum;
}

void main() {
    const uint count = p.columns / WIDTH;
    const uint first = gl_WorkGroupID.x * SUBGROUP_SIZE;
    const uint token = gl_WorkGroupID.y;
    const uint place = first + gl_SubgroupInvocationID;
    float own = 0;
    if (SHARES_LOADS) {
        [[unroll]] for (uint lane = 0; lane < SUBGROUP_SIZE; ++lane) {
            const float sum = sum_at(token, min(first + lane, count - 1));
            own = gl_SubgroupInvocationID == lane ? sum : own;
        }
    } else {
        own = sum_at(token, min(place, count - 1));
    }
    if (place < count) Floats(p.sums).v[token * count + place] = own;
}
