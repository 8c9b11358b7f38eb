// The KV cache's format in this variant. A tile holds the keys, or the values, of one block and
// head; each format defines kv_tile_bytes, kv_load (four elements of a row) and KV_ROW_WORDS; for
// kernels that keep KV_STAGED_ROWS rows in shared memory also kv_stage and kv_staged (two
// elements).
#if defined(KV_F16)
#include "kv/f16.glsl"
#elif defined(KV_Q8_0)
#include "kv/q8_0.glsl"
#endif
