// y[t][i] = g / (1 + exp(-g)) * u, g = gateUp[t][i], u = gateUp[t][columns + i]
//
// gateUp: float[tokens][2 * columns]; y: float[tokens][columns]; columns a multiple of 4.
// One invocation computes four elements. Bound by bandwidth: 12 bytes an element.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(push_constant, scalar) uniform Push { SiLUMulParams p; };

void main() {
    const uint quads = p.columns / 4;
    const uint quad = gl_GlobalInvocationID.x;
    const uint token = gl_WorkGroupID.y;
    if (quad >= quads) return;
    Float4s gateUp = Float4s(p.gateUp);
    const vec4 gate = gateUp.v[token * 2 * quads + quad];
    const vec4 up = gateUp.v[token * 2 * quads + quads + quad];
    Float4s(p.y).v[token * quads + quad] = gate / (1 + exp(-gate)) * up;
}
