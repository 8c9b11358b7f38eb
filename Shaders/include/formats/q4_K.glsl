// Q4_K: w = (d * s) * q - (dmin * m), s and m of 32 weights, d and dmin of 256.
// quants: nibbles. scales: two bytes a block, s and m. superScales: a word for eight blocks, half d
// and half dmin.
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 4
#define HIGH_BITS 0
#define SCALE_BYTES 2
#define SUPER_SCALE_BYTES 4
#define SCALED_COLUMNS 32
#define HAS_MINIMA 1
const int QUANT_ZERO = 0;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    load_nibbles(planes.quants, block, quants);
}

BlockScales block_scales(const uint bits, const uint superBits) {
    const vec2 scale = unpackHalf2x16(superBits) * vec2(two_bytes(bits));
    return BlockScales(scale.xx, scale.yy);
}
