// Factors whose rows are lanes, for the CPU family: loads from addresses that all lanes share, and
// a choice among them (include/lanes.glsl says why).

// Of four columns of eight rows, a lane's row.
vec4 factor_quad(const uint64_t address, const uint lane) {
    Float4s halves = Float4s(address);
    vec4 quad;
    [[unroll]] for (uint j = 0; j < 4; ++j) {
        const vec4 low = halves.v[2 * j];
        const vec4 high = halves.v[2 * j + 1];
        float value = low[0];
        [[unroll]] for (uint n = 1; n < 4; ++n) value = lane == n ? low[n] : value;
        [[unroll]] for (uint n = 0; n < 4; ++n) value = lane == 4 + n ? high[n] : value;
        quad[j] = value;
    }
    return quad;
}
