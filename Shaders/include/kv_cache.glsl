// The KV cache's format in this variant. A tile holds the keys, or the values, of one block and
// head, in words of KV_WORD_ELEMENTS elements: values row by row, uint[BLOCK_SIZE][KV_WORDS], keys
// column by column, uint[KV_WORDS][BLOCK_SIZE], so that lanes that are keys, and lanes that are
// elements of a value, both load runs. Each format also defines KV_TILE_BYTES, kv_unpack, and by
// what the kernel asks for before it includes this:
//   KV_LANES          kv_key_scale, kv_value_scale: the scale of a lane's word
//   KV_STAGED_ROWS    kv_staged_word: a word as it is kept in shared memory, KV_ROW_WORDS a row;
//                     kv_pair: two elements of a row in shared memory
//   KV_HALVES         kv_half_pair: two elements of a row as halves in a word
//   KV_STORES         kv_store: a subgroup writes a row from shared memory
#if defined(KV_F16)
#include "kv/f16.glsl"
#elif defined(KV_Q8_0)
#include "kv/q8_0.glsl"
#endif

// Where the tile of a head's keys stands; that of its values follows.
uint64_t kv_tile(const uint block, const uint kvHead) {
    return p.cache + uint64_t((block * p.kvHeadCount + kvHead) * 2) * KV_TILE_BYTES;
}
