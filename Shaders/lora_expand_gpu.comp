// y[tokens[i]][column + r] += sum over j of b[r][j] * h[i][m][j], as LoRAExpandParams says
//
// h: float[places][matrices][maxRank]; b: [rows / 8][rank][8]; y: float[tokens][yStride].
// One invocation computes one row of b for a tile of tokens; eight neighbours load neighbours.
//
// Why: there are many rows and few columns, so nothing needs to be shared.
// Roofline: bound by bandwidth: b once for a tile, y twice.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(push_constant, scalar) uniform Push { LoRAExpandParams p; };

#include "lora.glsl"

void main() {
    const LoRATile tile = lora_tile();
    const LoRAFactors factors = lora_factors(tile.slot);
    const uint row = gl_GlobalInvocationID.x;
    if (factors.rank == 0 || row >= factors.rows) return;
    Floats b = Floats(factors.b + 32ul * (row / FACTOR_ROWS) * factors.rank);
    float sum[TOKENS];
    [[unroll]] for (uint t = 0; t < TOKENS; ++t) sum[t] = 0;
    for (uint j = 0; j < factors.rank; ++j) {
        const float w = b.v[FACTOR_ROWS * j + row % FACTOR_ROWS];
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
            sum[t] = fma(w, Floats(lora_h(lora_place(tile, t))).v[j], sum[t]);
        }
    }
    [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
        if (t < tile.count) {
            const uint token = lora_token(tile.first + t);
            Floats(p.y).v[token * p.yStride + factors.column + row] += sum[t];
        }
    }
}
