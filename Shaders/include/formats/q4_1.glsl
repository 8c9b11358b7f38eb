// Q4_1: w = d * q + m.
// quants: nibbles. scales: a word a block, half d and half m.
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 4
#define HIGH_BITS 0
#define HAS_MINIMA 1
const int QUANT_ZERO = 0;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    load_nibbles(planes.quants, block, quants);
}

BlockScales load_scales(const WeightPlanes planes, const uint block, const uint superBlock) {
    const vec2 scale = load_two_halves(planes.scales, block);
    return BlockScales(scale.xx, -scale.yy);
}
