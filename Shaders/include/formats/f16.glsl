// F16. quants: uvec4[rows][columns / 8], halves in order.
#define LOW_BITS 16
#define HIGH_BITS 0

// The float of a half in the lower 16 bits.
float widen(const uint bits) { return unpackHalf2x16(bits).x; }

void load_block(const WeightPlanes planes, const uint block, out float w[32]) {
    [[unroll]] for (uint part = 0; part < 4; ++part) {
        const uvec4 halves = Word4s(planes.quants).v[4 * block + part];
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            const vec2 pair = unpackHalf2x16(halves[i]);
            w[8 * part + 2 * i] = pair.x;
            w[8 * part + 2 * i + 1] = pair.y;
        }
    }
}
