// Q8_0: w = d * q.
// quants: uvec4[rows][columns / 32][2], signed bytes in order. scales: half[rows][columns / 32].
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 8
#define HIGH_BITS 0
#define HAS_MINIMA 0
const int QUANT_ZERO = 0;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    [[unroll]] for (uint part = 0; part < 2; ++part) {
        const uvec4 words = Word4s(planes.quants).v[2 * block + part];
        [[unroll]] for (uint i = 0; i < 4; ++i) quants[4 * part + i] = words[i];
    }
}

BlockScales load_scales(const WeightPlanes planes, const uint block, const uint superBlock) {
    return BlockScales(vec2(load_half(planes.scales, block)), vec2(0));
}
