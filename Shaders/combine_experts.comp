// y[t][c] += sum over i of shares[t][i] * x[t * chosenCount + i][c]
//
// x: float[tokens * chosenCount][columns]; shares: float[tokens][chosenCount];
// y: float[tokens][columns]; columns a multiple of 4.
// One invocation computes four elements, in the order of the choices: the same whatever else is in
// the batch. Bound by bandwidth: 4 * chosenCount + 8 bytes an element.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(push_constant, scalar) uniform Push { CombineExpertsParams p; };

void main() {
    const uint quads = p.columns / 4;
    const uint quad = gl_GlobalInvocationID.x;
    const uint token = gl_WorkGroupID.y;
    if (quad >= quads) return;
    Float4s y = Float4s(p.y);
    vec4 sum = y.v[token * quads + quad];
    uint choice = 0;
    do {
        const uint pair = token * p.chosenCount + choice;
        sum += Floats(p.shares).v[pair] * Float4s(p.x).v[pair * quads + quad];
    } while (++choice < p.chosenCount);
    y.v[token * quads + quad] = sum;
}
