// What the products by experts of both families share: constants, and which pairs a workgroup has.
//
// A pair is a token with one of its experts. Grouped, a workgroup takes all pairs of one expert, so
// many at a time; else it takes one pair. Included after the weights.
#include "activations.glsl"

layout(constant_id = 2) const uint TOKENS = 1;
layout(constant_id = 3) const bool GROUPED = false;
layout(constant_id = 4) const bool ADDS_BIAS = false;
layout(constant_id = 5) const uint ACTIVATION = NO_ACTIVATION;
layout(push_constant, scalar) uniform Push { MatmulExpertsParams p; };

const uint PARTS = ACTIVATION == NO_ACTIVATION ? 1 : 2;

uint group_expert() {
    // Experts are as the device chose them; one that is none would be read out of bounds.
    return GROUPED ? gl_WorkGroupID.y
                   : min(Words(p.experts).v[gl_WorkGroupID.y], p.expertCount - 1);
}

uint group_pair_count(const uint expert) {
    return GROUPED ? Words(p.counts).v[expert] : 1;
}

uint group_pair(const uint expert, const uint index) {
    return GROUPED ? Words(p.lists).v[expert * p.listStride + index] : gl_WorkGroupID.y;
}

// The first row of weights of an expert's part: the gate, or up.
uint part_row(const uint expert, const uint part) {
    return (part * p.expertCount + expert) * p.rows;
}
