// y[tokens[i]][column + r] += sum over j of b[r][j] * h[i][m][j], as LoRAExpandParams says
//
// h: float[places][matrices][maxRank]; b: [rows / 8][rank][8]; y: float[tokens][yStride].
// One workgroup of eight lanes computes GROUPS times eight rows of b, a row a lane, for a tile of
// tokens.
//
// Why: as lora_shrink_cpu; several groups of rows because a rank is few additions.
// Roofline: bound by bandwidth of y at ranks up to about 16, then by the products.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(push_constant, scalar) uniform Push { LoRAExpandParams p; };

#include "lora.glsl"
#include "lora_lanes.glsl"

layout(constant_id = 3) const uint GROUPS = 4;

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const LoRATile tile = lora_tile();
    const LoRAFactors factors = lora_factors(tile.slot);
    const uint groupCount = (factors.rows + FACTOR_ROWS - 1) / FACTOR_ROWS;
    uint group = gl_WorkGroupID.x * GROUPS;
    if (factors.rank == 0 || group >= groupCount) return;
    const uint end = min(group + GROUPS, groupCount);
    uint64_t y[TOKENS];
    [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
        y[t] = p.y + 4ul * (lora_token(lora_place(tile, t)) * p.yStride + factors.column);
    }
    do {
        const uint64_t b = factors.b + 32ul * min(group, groupCount - 1) * factors.rank;
        float sum[TOKENS];
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) sum[t] = 0;
        uint quad = 0;
        do {
            const vec4 w = factor_quad(b + 128ul * quad, lane);
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                const vec4 inputs = Float4s(lora_h(lora_place(tile, t))).v[quad];
                [[unroll]] for (uint j = 0; j < 4; ++j) sum[t] = fma(w[j], inputs[j], sum[t]);
            }
        } while (++quad < factors.rank / 4);
        const uint row = group * FACTOR_ROWS + lane;
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
            if (t < tile.count && row < factors.rows) Floats(y[t]).v[row] += sum[t];
        }
    } while (++group < end);
}
