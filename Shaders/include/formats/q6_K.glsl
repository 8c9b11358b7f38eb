// Q6_K: w = (d * s) * (q - 32), s of 16 weights, d of 256.
// quants: nibbles. highBits: pairs. scales: two signed bytes a block. superScales: a half for
// eight blocks.
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 4
#define HIGH_BITS 2
#define SCALE_BYTES 2
#define SUPER_SCALE_BYTES 2
#define SCALED_COLUMNS 16
#define HAS_MINIMA 0
const int QUANT_ZERO = 32;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    uint high[8];
    load_nibbles(planes.quants, block, quants);
    load_pairs(planes.highBits, block, high);
    [[unroll]] for (uint i = 0; i < 8; ++i) quants[i] |= high[i] << 4;
}

BlockScales block_scales(const uint bits, const uint superBits) {
    const float super = unpackHalf2x16(superBits).x;
    return BlockScales(super * vec2(two_signed_bytes(bits)), vec2(0));
}
