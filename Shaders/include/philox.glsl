// Philox2x32-10, a counter-based random generator (Salmon et al., SC 2011): the same counter and
// key give the same bits on every device, whatever else runs.
uvec2 philox2x32(uvec2 counter, uint key) {
    [[unroll]] for (uint round = 0; round < 10; ++round) {
        uint high, low;
        umulExtended(0xD256D193u, counter.x, high, low);
        counter = uvec2(high ^ key ^ counter.y, low);
        key += 0x9E3779B9u;
    }
    return counter;
}

// A number in (0, 1) for a draw named by its seed, its position in the output, and the token.
float uniform_draw(const uint seedLow, const uint seedHigh, const uint position, const uint token) {
    const uvec2 bits = philox2x32(uvec2(token, position), seedLow ^ (seedHigh * 0x85EBCA6Bu));
    return (float(bits.x >> 9) + 0.5) * (1.0 / 8388608.0);
}
