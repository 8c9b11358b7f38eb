// Q2_K: w = (d * s) * q - (dmin * m), s and m of 16 weights, d and dmin of 256.
// quants: pairs. scales: two bytes a block, s in the low nibbles and m in the high ones.
// superScales: a word for eight blocks, half d and half dmin.
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 2
#define HIGH_BITS 0
#define SCALE_BYTES 2
#define SUPER_SCALE_BYTES 4
#define SCALED_COLUMNS 16
#define HAS_MINIMA 1
const int QUANT_ZERO = 0;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    load_pairs(planes.quants, block, quants);
}

BlockScales block_scales(const uint bits, const uint superBits) {
    const vec2 super = unpackHalf2x16(superBits);
    const uvec2 both = two_bytes(bits);
    return BlockScales(super.x * vec2(both & 15u), super.y * vec2(both >> 4));
}
