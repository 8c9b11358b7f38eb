// y[i] = x[r] / sqrt(mean(x[r]^2) + epsilon) * weight, r = rowIndices[i] or i
//
// x: [rows, columns]; weight: [columns]; y: [rowCount, columns], all float.
// One workgroup computes one row; the variant says whether that is one subgroup or several.
// Roofline: reads a row twice, the second time from cache, and writes it once.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "reduce.glsl"

// Whether rows are gathered. Not a test of the address: lavapipe loads from uniform addresses even
// under a branch that is not taken.
layout(constant_id = 2) const bool GATHERS = false;
layout(push_constant, scalar) uniform Push { RMSNormParams p; };

void main() {
    uint row = gl_WorkGroupID.x;
    if (GATHERS) row = Words(p.rowIndices).v[row];
    Floats x = Floats(p.x + 4ul * row * p.columns);
    float squares = 0;
    for (uint i = lane_index(); i < p.columns; i += lane_count()) {
        squares = fma(x.v[i], x.v[i], squares);
    }
    const float scale = inversesqrt(reduce_add(squares) / float(p.columns) + p.epsilon);
    Floats y = Floats(p.y + 4ul * gl_WorkGroupID.x * p.columns);
    for (uint i = lane_index(); i < p.columns; i += lane_count()) {
        y.v[i] = x.v[i] * scale * Floats(p.weight).v[i];
    }
}
