// Q8_0: w = d * q.
// quants: uvec4[rows][columns / 32][2], signed bytes in order. scales: half[rows][columns / 32].
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 8
#define HIGH_BITS 0
#define SCALE_BYTES 2
#define SUPER_SCALE_BYTES 0
#define SCALED_COLUMNS 32
#define HAS_MINIMA 0
const int QUANT_ZERO = 0;

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    [[unroll]] for (uint part = 0; part < 2; ++part) {
        const uvec4 words = Word4s(planes.quants).v[2 * block + part];
        [[unroll]] for (uint i = 0; i < 4; ++i) quants[4 * part + i] = words[i];
    }
}

BlockScales block_scales(const uint bits, const uint superBits) {
    return BlockScales(vec2(unpackHalf2x16(bits).x), vec2(0));
}
