// Q4_1: w = d * q + m.
// quants: nibbles. scales: a word a block, half d and half m.
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 4
#define HIGH_BITS 0
#define SCALE_BYTES 4
#define SUPER_SCALE_BYTES 0
#define SCALED_COLUMNS 32
#define HAS_MINIMA 1
const int QUANT_ZERO = 0;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    load_nibbles(planes.quants, block, quants);
}

BlockScales block_scales(const uint bits, const uint superBits) {
    const vec2 scale = unpackHalf2x16(bits);
    return BlockScales(scale.xx, -scale.yy);
}
