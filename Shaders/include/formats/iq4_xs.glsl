// IQ4_XS: w = (d * s) * levels[q], s of 32 weights, d of 256.
// quants: nibbles. scales: a signed byte a block. superScales: a half for eight blocks.
#include "quants.glsl"
#include "iq4_levels.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 4
#define HIGH_BITS 0
#define HAS_LEVELS
#define SCALE_BYTES 1
#define SUPER_SCALE_BYTES 2
#define SCALED_COLUMNS 32
#define HAS_MINIMA 0
const int QUANT_ZERO = 0;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    load_nibbles(planes.quants, block, quants);
    iq4_levels(quants);
}

BlockScales block_scales(const uint bits, const uint superBits) {
    const float super = unpackHalf2x16(superBits).x;
    return BlockScales(vec2(super * float(int(bits << 24) >> 24)), vec2(0));
}
