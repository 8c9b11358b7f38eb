// Q4_1, and Q4_0 repacked as such: w = d * q + m, 32 weights a block.
// quants: uvec4[rows][columns / 32], byte i holds weight i (low nibble) and 16 + i (high nibble).
// scales: one word a block, half d and half m.
void load_block(const WeightPlanes planes, const uint block, out float w[32]) {
    const uvec4 quants = Word4s(planes.quants).v[block];
    const vec2 scale = unpackHalf2x16(Words(planes.scales).v[block]);
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            const uint pair = quants[i] >> (8 * j);
            w[4 * i + j] = fma(scale.x, float(pair & 15u), scale.y);
            w[16 + 4 * i + j] = fma(scale.x, float((pair >> 4) & 15u), scale.y);
        }
    }
}
