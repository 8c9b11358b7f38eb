// Q8_0: w = d * q, 32 weights a block.
// quants: uvec4[rows][columns / 32][2], signed bytes in order. scales: half[rows][columns / 32].
void load_block(const WeightPlanes planes, const uint block, out float w[32]) {
    const float scale = float(Halves(planes.scales).v[block]);
    [[unroll]] for (uint half_ = 0; half_ < 2; ++half_) {
        const uvec4 quants = Word4s(planes.quants).v[2 * block + half_];
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            [[unroll]] for (uint j = 0; j < 4; ++j) {
                const int q = int(quants[i] << (24 - 8 * j)) >> 24;
                w[16 * half_ + 4 * i + j] = scale * float(q);
            }
        }
    }
}
