// How the formats' planes hold small numbers: in every word, bytes are four neighbours, and what
// lies above in a byte belongs to neighbours further on. A mask thus yields four weights at once.

// 16 bytes of a block: byte i has weight i in its low nibble and weight 16 + i in its high one.
void load_nibbles(const uint64_t plane, const uint block, out uint quants[8]) {
    const uvec4 words = Word4s(plane).v[block];
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        quants[i] = words[i] & 0x0F0F0F0Fu;
        quants[4 + i] = (words[i] >> 4) & 0x0F0F0F0Fu;
    }
}

// 8 bytes of a block: of word h, byte j, bits 2s and 2s + 1 belong to weight 16h + 4s + j.
void load_pairs(const uint64_t plane, const uint block, out uint quants[8]) {
    const uvec2 words = Word2s(plane).v[block];
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        quants[i] = (words[i / 4] >> (2 * (i % 4))) & 0x03030303u;
    }
}

// 4 bytes of a block: of byte j, bit s belongs to weight 4s + j.
void load_bits(const uint64_t plane, const uint block, out uint quants[8]) {
    const uint word = Words(plane).v[block];
    [[unroll]] for (uint i = 0; i < 8; ++i) quants[i] = (word >> i) & 0x01010101u;
}

// The byte of a block, and its two bytes: by words, which every device loads well.
uint load_byte(const uint64_t plane, const uint block) {
    return (Words(plane).v[block / 4] >> (8 * (block % 4))) & 0xFFu;
}
uvec2 load_two_bytes(const uint64_t plane, const uint block) {
    const uint both = Words(plane).v[block / 2] >> (16 * (block % 2));
    return uvec2(both & 0xFFu, (both >> 8) & 0xFFu);
}

// The same, signed.
int load_signed_byte(const uint64_t plane, const uint block) {
    return int(load_byte(plane, block) << 24) >> 24;
}
ivec2 load_two_signed_bytes(const uint64_t plane, const uint block) {
    return ivec2(load_two_bytes(plane, block) << 24) >> 24;
}

// The half of a block, widened, and its two halves.
float load_half(const uint64_t plane, const uint block) {
    return float(Halves(plane).v[block]);
}
vec2 load_two_halves(const uint64_t plane, const uint block) {
    return unpackHalf2x16(Words(plane).v[block]);
}
