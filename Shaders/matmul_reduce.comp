// y[t][r] = sum over s of partials[s][t][r], and what epilogue.glsl adds
//
// partials: float[splitCount][tokens][rows], the sums of a matrix product over parts of its columns;
// y: see MatmulReduceParams.
// One invocation computes one element of y, the parts in their order.
//
// Why: a product with few tiles fills a wide device only if several workgroups share a tile's
// columns. Roofline: the bytes of the partials, once more; small where splitting pays.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(push_constant, scalar) uniform Push { MatmulReduceParams p; };
#include "epilogue.glsl"

float total(const uint token, const uint row) {
    float sum = bias(row);
    for (uint split = 0; split < p.splitCount; ++split) {
        sum += Floats(p.partials).v[(split * p.tokenCount + token) * p.rows + row];
    }
    return sum;
}

void main() {
    const uint row = gl_GlobalInvocationID.x;
    const uint token = gl_WorkGroupID.y;
    if (row >= output_rows()) return;
    const float sum = total(token, row);
    store_output(token, row, IS_GATED ? activate(sum, total(token, output_rows() + row)) : sum);
}
