// A tile of keys or values as halves, two a word.
const uint KV_WORD_ELEMENTS = 2;
const uint KV_WORDS = HEAD_SIZE / 2;
const uint KV_TILE_BYTES = 2 * BLOCK_SIZE * HEAD_SIZE;
// Words of a key whose products are summed before anything else happens to them.
const uint KV_GROUP_WORDS = HEAD_SIZE % 16 == 0 ? 8 : 4;
const bool KV_HAS_SCALES = false;

void kv_unpack(const uint word, out float x[KV_WORD_ELEMENTS]) {
    const vec2 pair = unpackHalf2x16(word);
    x[0] = pair.x;
    x[1] = pair.y;
}

#ifdef KV_LANES
float kv_key_scale(const uint64_t tile, const uint row, const uint group, const uint count) {
    return 1;
}
float kv_value_scale(const uint64_t tile, const uint row, const uint vector) { return 1; }
#endif

#ifdef KV_STAGED_ROWS
const uint KV_ROW_WORDS = KV_WORDS;
shared uint staged[KV_STAGED_ROWS * KV_ROW_WORDS];

uint kv_staged_word(const uint64_t tile, const bool isValue, const uint row, const uint i) {
    return Words(tile).v[isValue ? row * KV_WORDS + i : i * BLOCK_SIZE + row];
}

// Elements 2 * i and 2 * i + 1 of the row whose words stand `stride` apart from `start` on.
vec2 kv_pair(const uint start, const uint stride, const uint i) {
    return unpackHalf2x16(staged[start + i * stride]);
}
#endif

#ifdef KV_HALVES
// Elements 2 * i and 2 * i + 1 of a row.
uint kv_half_pair(const uint64_t tile, const bool isValue, const uint row, const uint i) {
    return Words(tile).v[isValue ? row * KV_WORDS + i : i * BLOCK_SIZE + row];
}
#endif

#ifdef KV_STORES
// Writes a row whose elements stand in `finished` from `start` on. Every invocation must call it.
void kv_store(
    const bool isStored, const uint64_t tile, const bool isValue, const uint row, const uint start
) {
    if (!isStored) return;
    Halves halves = Halves(tile);
    for (uint i = gl_SubgroupInvocationID; i < HEAD_SIZE; i += SUBGROUP_SIZE) {
        const uint word = isValue ? row * KV_WORDS + i / 2 : i / 2 * BLOCK_SIZE + row;
        // Halves end at 65504; a value beyond would become infinite and poison every later token.
        halves.v[2 * word + i % 2] = float16_t(clamp(finished[start + i], -65504.0, 65504.0));
    }
}
#endif
