// A tile of keys or values in 8 bits, 32 elements a scale: int8[blockSize][HEAD_SIZE], then
// half[blockSize][HEAD_SIZE / 32].
const uint KV_QUANT_WORDS = HEAD_SIZE / 4;
const uint KV_SCALES = HEAD_SIZE / 32;
// In shared memory a scale takes a word.
const uint KV_ROW_WORDS = KV_QUANT_WORDS + KV_SCALES;

uint64_t kv_tile_bytes(const uint blockSize) { return blockSize * (HEAD_SIZE + 2ul * KV_SCALES); }

float kv_scale(const uint64_t tile, const uint blockSize, const uint row, const uint i) {
    return float(Halves(tile + blockSize * uint64_t(HEAD_SIZE)).v[row * KV_SCALES + i]);
}

int kv_byte(const uint word, const uint i) { return int(word << (24 - 8 * i)) >> 24; }

// Elements 4 * i to 4 * i + 3 of a row.
vec4 kv_load(const uint64_t tile, const uint blockSize, const uint row, const uint i) {
    const uint word = Words(tile).v[row * KV_QUANT_WORDS + i];
    const vec4 quants =
        vec4(kv_byte(word, 0), kv_byte(word, 1), kv_byte(word, 2), kv_byte(word, 3));
    return kv_scale(tile, blockSize, row, i / 8) * quants;
}

#ifdef KV_STAGED_ROWS
shared uint staged[KV_STAGED_ROWS * KV_ROW_WORDS];

// Copies word i of a tile's row to shared memory.
void kv_stage(
    const uint64_t tile, const uint blockSize, const uint row, const uint stagedRow, const uint i
) {
    uint word;
    if (i < KV_QUANT_WORDS) {
        word = Words(tile).v[row * KV_QUANT_WORDS + i];
    } else {
        word = floatBitsToUint(kv_scale(tile, blockSize, row, i - KV_QUANT_WORDS));
    }
    staged[stagedRow * KV_ROW_WORDS + i] = word;
}

// Elements 2 * i and 2 * i + 1 of a row in shared memory.
vec2 kv_staged(const uint stagedRow, const uint i) {
    const uint start = stagedRow * KV_ROW_WORDS;
    const uint word = staged[start + i / 2];
    const uint first = i % 2 * 2;
    return uintBitsToFloat(staged[start + KV_QUANT_WORDS + i / 16])
        * vec2(kv_byte(word, first), kv_byte(word, first + 1));
}
#endif
