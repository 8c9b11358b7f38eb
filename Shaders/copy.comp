// y[i] = x[i]
//
// x, y: uvec4[quadCount]. One invocation copies QUADS of them, a workgroup's width apart, so that a
// subgroup's loads stand side by side and several are on their way at once.
// Why: it is the ceiling of all that is bound by memory, measured instead of read in a data sheet.
// Roofline: 32 bytes a quad and no arithmetic.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(constant_id = 2) const uint QUADS = 4;
layout(push_constant, scalar) uniform Push { CopyParams p; };

void main() {
    const uint first = gl_WorkGroupID.x * gl_WorkGroupSize.x * QUADS + gl_LocalInvocationIndex;
    Word4s x = Word4s(p.x);
    Word4s y = Word4s(p.y);
    uvec4 quads[QUADS];
    [[unroll]] for (uint n = 0; n < QUADS; ++n) {
        const uint index = min(first + n * gl_WorkGroupSize.x, p.quadCount - 1);
        quads[n] = x.v[index];
    }
    [[unroll]] for (uint n = 0; n < QUADS; ++n) {
        const uint index = first + n * gl_WorkGroupSize.x;
        if (index < p.quadCount) y.v[index] = quads[n];
    }
}
