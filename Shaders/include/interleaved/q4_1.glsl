// Q4_1: w = d * q + m; a nibble a row.
// scales: uint[rows / 32][columns / 32][32], half d and half m.
const uint WORDS = 1;

struct Scales { float d; float m; };

Scales load_scales(const WeightPlanes planes, const uint block, const uint lane) {
    const vec2 pair = unpackHalf2x16(Words(planes.scales).v[block * 8 + lane]);
    return Scales(pair.x, pair.y);
}

float unpack(const uint word, const uint lane, const Scales scales) {
    return fma(scales.d, float((word >> (4 * lane)) & 15u), scales.m);
}
