// Q4_0: w = d * (q - 8).
// quants: nibbles. scales: half[rows][columns / 32].
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 4
#define HIGH_BITS 0
#define HAS_MINIMA 0
const int QUANT_ZERO = 8;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    load_nibbles(planes.quants, block, quants);
}

BlockScales load_scales(const WeightPlanes planes, const uint block, const uint superBlock) {
    return BlockScales(vec2(load_half(planes.scales, block)), vec2(0));
}
