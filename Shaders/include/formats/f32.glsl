// F32. quants: vec4[rows][columns / 4].
#define LOW_BITS 32
#define HIGH_BITS 0

// The float of its bits.
float widen(const uint bits) { return uintBitsToFloat(bits); }

void load_block(const WeightPlanes planes, const uint block, out float w[32]) {
    [[unroll]] for (uint part = 0; part < 8; ++part) {
        const vec4 quad = Float4s(planes.quants).v[8 * block + part];
        [[unroll]] for (uint i = 0; i < 4; ++i) w[4 * part + i] = quad[i];
    }
}
