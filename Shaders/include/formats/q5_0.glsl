// Q5_0: w = d * (q - 16).
// quants: nibbles. highBits: a word a block, the fifth bits. scales: half[rows][columns / 32].
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 4
#define HIGH_BITS 1
#define SCALE_BYTES 2
#define SUPER_SCALE_BYTES 0
#define SCALED_COLUMNS 32
#define HAS_MINIMA 0
const int QUANT_ZERO = 16;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    uint high[8];
    load_nibbles(planes.quants, block, quants);
    load_bits(planes.highBits, block, high);
    [[unroll]] for (uint i = 0; i < 8; ++i) quants[i] |= high[i] << 4;
}

BlockScales block_scales(const uint bits, const uint superBits) {
    return BlockScales(vec2(unpackHalf2x16(bits).x), vec2(0));
}
