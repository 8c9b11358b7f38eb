// What the matrix products of the CPU family share: constants, where rows stand, and what happens
// to the sums. An invocation is a lane, a row of each of GROUPS groups, for TOKENS tokens.
#include "activations.glsl"

layout(constant_id = 2) const uint TOKENS = 1;
layout(constant_id = 3) const uint GROUPS = 1;
layout(constant_id = 4) const uint COLUMNS = 32;  // of the weights: addresses are constants
layout(constant_id = 5) const bool ADDS_BIAS = false;
layout(constant_id = 6) const bool ADDS_RESIDUAL = false;
layout(constant_id = 7) const uint ACTIVATION = NO_ACTIVATION;
layout(constant_id = 8) const bool NORMALISES = false;
layout(constant_id = 9) const bool SUMS_GIVEN = false;
layout(push_constant, scalar) uniform Push { MatmulParams p; };

layout(buffer_reference, scalar, buffer_reference_align = 4) coherent buffer CoherentFloats {
    float v[];
};

const uint BLOCKS = COLUMNS / 32;
#include "row_sums.glsl"

// The n-th group of rows of this workgroup, and of each pair of them the first; with an activation,
// groups of gate rows and of the up rows that belong to them take turns.
uint row_group(const uint n) {
    if (ACTIVATION == NO_ACTIVATION) return (gl_WorkGroupID.x * GROUPS + n) * SIDES;
    const uint gate = (gl_WorkGroupID.x * (GROUPS / 2) + n / 2) * SIDES;
    return gate + n % 2 * (p.rows / (2 * GROUP_ROWS));
}

void store(const uint token, const uint row, float value) {
    const uint at = token * p.yStride + row;
    if (ADDS_RESIDUAL) value += Floats(p.residual).v[at];
    CoherentFloats(p.y).v[at] = value;
}

void store_sums(const uint lane, const uint firstToken) {
    if (ADDS_BIAS) {
        [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
            const uint row = min(row_group(r) * GROUP_ROWS + lane, p.rows - 1);
            const float bias = Floats(p.bias).v[row];
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) sum[r * TOKENS + t] += bias;
        }
    }
    const uint step = ACTIVATION == NO_ACTIVATION ? 1 : 2;
    [[unroll]] for (uint r = 0; r < GROUPS; r += step) {
        const uint row = row_group(r) * GROUP_ROWS + lane;
        if (row < p.rows) {
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                float value = sum[r * TOKENS + t];
                if (ACTIVATION != NO_ACTIVATION) {
                    value = activate(ACTIVATION, value, sum[(r + 1) % GROUPS * TOKENS + t]);
                }
                if (firstToken + t < p.tokenCount) store(firstToken + t, row, value);
            }
        }
    }
}

// Once the last subgroup that works on these tokens has stored its rows, it normalises them all, as
// rms_norm does: a dispatch less, and nobody waits. The counter is zero again afterwards.
void normalise_when_last(const uint firstToken) {
    memoryBarrierBuffer();
    subgroupBarrier();
    uint arrived = 0;
    if (subgroupElect()) arrived = atomicAdd(Words(p.counters).v[gl_WorkGroupID.y], 1);
    if (subgroupAdd(arrived) + 1 < gl_NumWorkGroups.x * gl_NumSubgroups) return;
    memoryBarrierBuffer();
    if (subgroupElect()) Words(p.counters).v[gl_WorkGroupID.y] = 0;
    const uint lastToken = min(firstToken + TOKENS, p.tokenCount) - 1;
    uint token = firstToken;
    do {
        CoherentFloats y = CoherentFloats(p.y + 4ul * token * p.yStride);
        Floats normed = Floats(p.normed + 4ul * token * p.rows);
        float squares = 0;
        for (uint i = gl_SubgroupInvocationID; i < p.rows; i += gl_SubgroupSize) {
            squares = fma(y.v[i], y.v[i], squares);
        }
        const float scale = inversesqrt(subgroupAdd(squares) / float(p.rows) + p.epsilon);
        for (uint i = gl_SubgroupInvocationID; i < p.rows; i += gl_SubgroupSize) {
            normed.v[i] = y.v[i] * scale * Floats(p.normWeight).v[i];
        }
    } while (++token <= lastToken);
}
