// The sixteen uneven levels of IQ4_NL and IQ4_XS: -127, -104, -83, -65, -49, -35, -22, -10, 1, 13,
// 25, 38, 53, 69, 89, 113, as signed bytes in four words. Selected, not indexed: a table indexed by
// data is memory on most devices.
uint level(const uint code) {
    const uint low = code < 4 ? 0xBFAD9881u : 0xF6EADDCFu;
    const uint high = code < 12 ? 0x26190D01u : 0x71594535u;
    return ((code < 8 ? low : high) >> (8 * (code & 3u))) & 0xFFu;
}

// Replaces codes, four bytes a word, by their levels.
void iq4_levels(inout uint quants[8]) {
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        uint levels = 0;
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            levels |= level((quants[i] >> (8 * j)) & 15u) << (8 * j);
        }
        quants[i] = levels;
    }
}
