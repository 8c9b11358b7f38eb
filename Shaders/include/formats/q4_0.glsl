// Q4_0: w = d * (q - 8).
// quants: nibbles. scales: half[rows][columns / 32].
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 4
#define HIGH_BITS 0
#define SCALE_BYTES 2
#define SUPER_SCALE_BYTES 0
#define SCALED_COLUMNS 32
#define HAS_MINIMA 0
const int QUANT_ZERO = 8;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    load_nibbles(planes.quants, block, quants);
}

BlockScales block_scales(const uint bits, const uint superBits) {
    return BlockScales(vec2(unpackHalf2x16(bits).x), vec2(0));
}
