// F16. quants: uvec4[rows][columns / 8], halves in order.
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
