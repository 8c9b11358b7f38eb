// Q8_0: w = d * q; a signed byte a row. scales: half[rows / 32][columns / 32][32].
const uint WORDS = 2;

struct Scales { float d; };

Scales load_scales(const WeightPlanes planes, const uint block, const uint lane) {
    return Scales(float(Halves(planes.scales).v[block * 8 + lane]));
}

float unpack(const uint word, const uint lane, const Scales scales) {
    return scales.d * float(int(word << (24 - 8 * (lane % 4))) >> 24);
}
