// y[t][i] = act(g) * u, g = gateUp[t][i], u = gateUp[t][columns + i]; act is SiLU or GELU
//
// gateUp: float[tokens][2 * columns]; y: float[tokens][columns]; columns a multiple of 4.
// One invocation computes four elements. Bound by bandwidth: 12 bytes an element.
//
// Why: products whose gate and up weights have one format do this themselves; this is for others.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "activations.glsl"

layout(constant_id = 2) const uint ACTIVATION = SILU_MUL;
layout(push_constant, scalar) uniform Push { GatedActivationParams p; };

void main() {
    const uint quads = p.columns / 4;
    const uint quad = gl_GlobalInvocationID.x;
    const uint token = gl_WorkGroupID.y;
    if (quad >= quads) return;
    Float4s gateUp = Float4s(p.gateUp);
    const vec4 gate = gateUp.v[token * 2 * quads + quad];
    const vec4 up = gateUp.v[token * 2 * quads + quads + quad];
    vec4 result;
    [[unroll]] for (uint i = 0; i < 4; ++i) result[i] = activate(ACTIVATION, gate[i], up[i]);
    Float4s(p.y).v[token * quads + quad] = result;
}
