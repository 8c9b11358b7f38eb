// h[i][m][j] = sum over k of a[j][k] * x[tokens[i]][k], as LoRAShrinkParams says
//
// x: float[tokens][xStride]; a: [rank / 8][columns][8]; h: float[places][matrices][maxRank].
// One workgroup of 256 computes eight rows of a for a tile of tokens: invocation i has row i % 8
// and every 32nd column from i / 8 on. The sums of a row meet in shared memory and are added in
// order, the same for every TOKENS.
//
// Why: ranks are small, so a row's columns must be shared among many for the device to be filled;
// the layout of a makes neighbours load neighbours.
// Roofline: waits for memory; a is read once for a tile.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(push_constant, scalar) uniform Push { LoRAShrinkParams p; };

#include "lora.glsl"

const uint SHARERS = 32;  // invocations of a row

shared float partials[TOKENS * SHARERS * FACTOR_ROWS];

void main() {
    const LoRATile tile = lora_tile();
    const LoRAFactors factors = lora_factors(tile.slot);
    const uint group = gl_WorkGroupID.x;
    if (FACTOR_ROWS * group >= factors.rank) return;
    const uint i = gl_LocalInvocationIndex;
    const uint row = i % FACTOR_ROWS;
    Floats a = Floats(factors.a + 32ul * group * p.columns);
    uint64_t x[TOKENS];
    float sum[TOKENS];
    [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
        x[t] = p.x + 4ul * lora_token(lora_place(tile, t)) * p.xStride;
        sum[t] = 0;
    }
    for (uint k = i / FACTOR_ROWS; k < p.columns; k += SHARERS) {
        const float w = a.v[FACTOR_ROWS * k + row];
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) sum[t] = fma(w, Floats(x[t]).v[k], sum[t]);
    }
    [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
        partials[t * SHARERS * FACTOR_ROWS + i] = sum[t];
    }
    barrier();
    const uint t = i / FACTOR_ROWS;
    if (t >= min(TOKENS, tile.count)) return;
    float total = 0;
    for (uint n = 0; n < SHARERS; ++n) {
        total += partials[(t * SHARERS + n) * FACTOR_ROWS + row];
    }
    Floats(lora_h(tile.first + t)).v[FACTOR_ROWS * group + row] = total;
}
