// y[i] = x[r] / sqrt(mean(x[r]^2) + epsilon) * weight, r = rowIndices[i] or i; with ADDS, added to
// y[i]; with NORMALISES, normed[i] = the same norm of y[i] with nextWeight
//
// x: [rows, columns]; weight, nextWeight: [columns]; y, normed: [rowCount, columns], all float.
// One workgroup computes one row; the variant says whether that is one subgroup or several.
// Roofline: reads a row twice, the second time from cache, and writes it once. An invocation has
// the same elements of a row in every loop, so that y and normed may be x.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "reduce.glsl"

// Whether rows are gathered. Not a test of the address: lavapipe loads from uniform addresses even
// under a branch that is not taken.
layout(constant_id = 2) const bool GATHERS = false;
layout(constant_id = 3) const bool ADDS = false;
layout(constant_id = 4) const bool NORMALISES = false;
layout(push_constant, scalar) uniform Push { RMSNormParams p; };

float inverse_rms(const float squares) {
    return inversesqrt(reduce_add(squares) / float(p.columns) + p.epsilon);
}

void main() {
    uint row = gl_WorkGroupID.x;
    if (GATHERS) row = Words(p.rowIndices).v[row];
    Floats x = Floats(p.x + 4ul * row * p.columns);
    float squares = 0;
    for (uint i = lane_index(); i < p.columns; i += lane_count()) {
        squares = fma(x.v[i], x.v[i], squares);
    }
    const float scale = inverse_rms(squares);
    Floats y = Floats(p.y + 4ul * gl_WorkGroupID.x * p.columns);
    squares = 0;
    for (uint i = lane_index(); i < p.columns; i += lane_count()) {
        float value = x.v[i] * scale * Floats(p.weight).v[i];
        if (ADDS) value += y.v[i];
        y.v[i] = value;
        if (NORMALISES) squares = fma(value, value, squares);
    }
    if (!NORMALISES) return;
    const float nextScale = inverse_rms(squares);
    Floats normed = Floats(p.normed + 4ul * gl_WorkGroupID.x * p.columns);
    for (uint i = lane_index(); i < p.columns; i += lane_count()) {
        normed.v[i] = y.v[i] * nextScale * Floats(p.nextWeight).v[i];
    }
}
