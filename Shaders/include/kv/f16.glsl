// A tile of keys or values as halves: half[blockSize][HEAD_SIZE].
const uint KV_ROW_WORDS = HEAD_SIZE / 2;

uint64_t kv_tile_bytes(const uint blockSize) { return 2ul * blockSize * HEAD_SIZE; }

// Elements 4 * i to 4 * i + 3 of a row.
vec4 kv_load(const uint64_t tile, const uint blockSize, const uint row, const uint i) {
    Words words = Words(tile + 2ul * row * HEAD_SIZE);
    return vec4(unpackHalf2x16(words.v[2 * i]), unpackHalf2x16(words.v[2 * i + 1]));
}

#ifdef KV_STAGED_ROWS
shared uint staged[KV_STAGED_ROWS * KV_ROW_WORDS];

// Copies word i of a tile's row to shared memory.
void kv_stage(
    const uint64_t tile, const uint blockSize, const uint row, const uint stagedRow, const uint i
) {
    staged[stagedRow * KV_ROW_WORDS + i] = Words(tile + 2ul * row * HEAD_SIZE).v[i];
}

// Elements 2 * i and 2 * i + 1 of a row in shared memory.
vec2 kv_staged(const uint stagedRow, const uint i) {
    return unpackHalf2x16(staged[stagedRow * KV_ROW_WORDS + i]);
}
#endif
