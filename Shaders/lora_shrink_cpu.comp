// h[i][m][j] = sum over k of a[j][k] * x[tokens[i]][k], as LoRAShrinkParams says
//
// x: float[tokens][xStride]; a: [rank / 8][columns][8]; h: float[places][matrices][maxRank].
// One workgroup of eight lanes computes eight rows of a, a row a lane, for a tile of tokens.
//
// Why: as matmul_cpu, weights and activations are loads from addresses that all lanes share. The
// order of additions is the same for every TOKENS, so that a token's bits do not depend on others.
// Roofline: 2 * TOKENS FLOPs a weight of four bytes; a factor is small and stays in the cache.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(push_constant, scalar) uniform Push { LoRAShrinkParams p; };

#include "lora.glsl"
#include "lora_lanes.glsl"

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const LoRATile tile = lora_tile();
    const LoRAFactors factors = lora_factors(tile.slot);
    const bool isInside = FACTOR_ROWS * gl_WorkGroupID.x < factors.rank;
    const uint group = isInside ? gl_WorkGroupID.x : 0;
    if (!isInside) return;
    const uint64_t a = factors.a + 32ul * group * p.columns;
    uint64_t x[TOKENS];
    float even[TOKENS];
    float odd[TOKENS];
    [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
        x[t] = p.x + 4ul * lora_token(lora_place(tile, t)) * p.xStride;
        even[t] = 0;
        odd[t] = 0;
    }
    const uint quads = p.columns / 4;
    uint quad = 0;
    do {
        const vec4 w = factor_quad(a + 128ul * quad, lane);
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
            const vec4 inputs = Float4s(x[t]).v[quad];
            even[t] = fma(w[0], inputs[0], even[t]);
            odd[t] = fma(w[1], inputs[1], odd[t]);
            even[t] = fma(w[2], inputs[2], even[t]);
            odd[t] = fma(w[3], inputs[3], odd[t]);
        }
    } while (++quad < quads);
    [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
        if (t < tile.count) {
            Floats(lora_h(tile.first + t)).v[FACTOR_ROWS * group + lane] = even[t] + odd[t];
        }
    }
}
