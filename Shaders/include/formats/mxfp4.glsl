// MXFP4: w = 2^(e - 128) * levels[q], the levels those of E2M1, doubled to be whole: 0, 1, 2, 3, 4,
// 6, 8, 12 and their negatives (OCP Microscaling Formats 1.0).
// quants: nibbles. scales: the byte e of a block.
#include "quants.glsl"
#define INTEGER_WEIGHTS
#define LOW_BITS 4
#define HIGH_BITS 0
#define HAS_LEVELS
#define SCALE_BYTES 1
#define SUPER_SCALE_BYTES 0
#define SCALED_COLUMNS 32
#define HAS_MINIMA 0
const int QUANT_ZERO = 0;

// All bits of the bytes whose lowest bit is set; the others are 0.
uint byte_mask(const uint bits) {
    return ((bits & 0x01010101u) << 8) - (bits & 0x01010101u);
}

// Replaces codes, four bytes a word (a sign, two bits of exponent, one of mantissa), by their
// levels: the code itself up to 3, then (4 + 2m) * 2^(exponent - 2).
uint e2m1_levels(const uint codes) {
    const uint base = 0x04040404u | ((codes & 0x01010101u) << 1);
    const uint large = base + (base & byte_mask(codes >> 1));
    const uint isLarge = byte_mask(codes >> 2);
    const uint level = (codes & 0x03030303u & ~isLarge) | (large & isLarge);
    // Zero has no negative: the carry of its complement would reach the next byte.
    const uint isNegative = (codes >> 3) & (codes | codes >> 1 | codes >> 2) & 0x01010101u;
    return (level ^ byte_mask(isNegative)) + isNegative;
}

uint level(const uint code) { return e2m1_levels(code); }

void load_quants(const WeightPlanes planes, const uint block, out uint quants[8]) {
    load_nibbles(planes.quants, block, quants);
    [[unroll]] for (uint i = 0; i < 8; ++i) quants[i] = e2m1_levels(quants[i]);
}

BlockScales block_scales(const uint bits, const uint superBits) {
    // The two smallest are below the normal numbers; devices may take them for zero.
    const uint float_ = bits < 2 ? 0x00200000u << bits : (bits - 1) << 23;
    return BlockScales(vec2(uintBitsToFloat(float_)), vec2(0));
}
