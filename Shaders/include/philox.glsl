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

// A draw from the exponential distribution, -log(1 - v) for a uniform v, named by its seed, its
// position in the output, and the token.
//
// Vulkan's log is only good to 2^-21 around 1, where the smallest draws come from, and it is those
// that win: there the logarithm's own series takes over, to full precision.
float exponential_draw(
    const uint seedLow, const uint seedHigh, const uint position, const uint token
) {
    const uvec2 bits = philox2x32(uvec2(token, position), seedLow ^ (seedHigh * 0x85EBCA6Bu));
    const float v = (float(bits.x) + 0.5) * (1.0 / 4294967296.0);
    const float series =
        v * (1 + v * (1.0 / 2 + v * (1.0 / 3 + v * (1.0 / 4 + v * (1.0 / 5 + v / 6)))));
    return v < 0.0625 ? series : -log(max(1 - v, 1.0 / 16777216.0));
}
