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

// What a plane has for a block, of one, two or four bytes; 0 of none.
uint load_scale_bits(const uint64_t plane, const uint block, const uint byteCount) {
    switch (byteCount) {
    case 1: return (Words(plane).v[block / 4] >> (8 * (block % 4))) & 0xFFu;
    case 2: return uint(Shorts(plane).v[block]);
    case 4: return Words(plane).v[block];
    default: return 0;
    }
}

// The two bytes of such bits, and the same signed.
uvec2 two_bytes(const uint bits) { return uvec2(bits & 0xFFu, (bits >> 8) & 0xFFu); }
ivec2 two_signed_bytes(const uint bits) { return ivec2(two_bytes(bits) << 24) >> 24; }
