// BF16. quants: uvec4[rows][columns / 8], the upper halves of floats in order.
#define LOW_BITS 16
#define HIGH_BITS 0

// The float of a brain float in the lower 16 bits.
float widen(const uint bits) { return uintBitsToFloat(bits << 16); }

void load_block(const WeightPlanes planes, const uint block, out float w[32]) {
    [[unroll]] for (uint part = 0; part < 4; ++part) {
        const uvec4 pairs = Word4s(planes.quants).v[4 * block + part];
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            w[8 * part + 2 * i] = uintBitsToFloat(pairs[i] << 16);
            w[8 * part + 2 * i + 1] = uintBitsToFloat(pairs[i] & 0xFFFF0000u);
        }
    }
}
