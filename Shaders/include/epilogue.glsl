// What becomes of the sums of a matrix product: a bias is added, a gate applied, a residual added.
//
// Where there is a gate, the weights are gate rows followed by as many up rows, and a row of y is
// made of one of each: act(gate) * up. Included after the push constants `p`, MatmulParams or
// MatmulReduceParams.
#include "activations.glsl"

layout(constant_id = 3) const bool ADDS_RESIDUAL = false;
layout(constant_id = 4) const bool ADDS_BIAS = false;
layout(constant_id = 5) const uint ACTIVATION = NO_ACTIVATION;

const bool IS_GATED = ACTIVATION != NO_ACTIVATION;
const uint PARTS = IS_GATED ? 2 : 1;  // rows of weights that make a row of y

uint output_rows() {
    return p.rows / PARTS;
}

float bias(const uint row) {
    return ADDS_BIAS ? Floats(p.bias).v[row] : 0;
}

float activate(const float gate, const float up) {
    return activate(ACTIVATION, gate, up);
}

// Where columns are split, the parts' sums stand one after the other; elsewhere z is 0.
void store_output(const uint token, const uint row, const float value) {
    const uint at = (gl_WorkGroupID.z * p.tokenCount + token) * p.yStride + row;
    Floats(p.y).v[at] = ADDS_RESIDUAL ? value + Floats(p.residual).v[at] : value;
}
