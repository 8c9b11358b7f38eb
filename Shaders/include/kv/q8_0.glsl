// A tile of keys or values in 8 bits, 32 elements a scale: the bytes, four a word, then the scales
// as halves: of values half[BLOCK_SIZE][HEAD_SIZE / 32], of keys half[HEAD_SIZE / 32][BLOCK_SIZE].
const uint KV_WORD_ELEMENTS = 4;
const uint KV_WORDS = HEAD_SIZE / 4;
const uint KV_SCALES = HEAD_SIZE / 32;
const uint KV_SCALES_START = BLOCK_SIZE * HEAD_SIZE;
const uint KV_TILE_BYTES = KV_SCALES_START + 2 * BLOCK_SIZE * KV_SCALES;
// Words that share a scale.
const uint KV_GROUP_WORDS = 8;
const bool KV_HAS_SCALES = true;

int kv_byte(const uint word, const uint i) { return int(word << (24 - 8 * i)) >> 24; }

void kv_unpack(const uint word, out float x[KV_WORD_ELEMENTS]) {
    [[unroll]] for (uint i = 0; i < 4; ++i) x[i] = float(kv_byte(word, i));
}

Halves kv_scales(const uint64_t tile) { return Halves(tile + KV_SCALES_START); }

#ifdef KV_LANES
// Of the keys from `row` on, one a lane, `count` of them.
float kv_key_scale(const uint64_t tile, const uint row, const uint group, const uint count) {
    return lane_half(tile + KV_SCALES_START + 2ul * (group * BLOCK_SIZE + row), count);
}

// Of a value's words vector * SUBGROUP_SIZE and following, one a lane.
float kv_value_scale(const uint64_t tile, const uint row, const uint vector) {
    const uint first = vector * SUBGROUP_SIZE / KV_GROUP_WORDS;
    float scale = float(kv_scales(tile).v[row * KV_SCALES + first]);
    [[unroll]] for (uint i = 1; i < SUBGROUP_SIZE / KV_GROUP_WORDS; ++i) {
        if (first + i < KV_SCALES) {
            const float other = float(kv_scales(tile).v[row * KV_SCALES + first + i]);
            scale = mix(scale, other, gl_SubgroupInvocationID >= i * KV_GROUP_WORDS);
        }
    }
    return scale;
}
#endif

#ifdef KV_STAGED_ROWS
// In shared memory a scale takes a word.
const uint KV_ROW_WORDS = KV_WORDS + KV_SCALES;
shared uint staged[KV_STAGED_ROWS * KV_ROW_WORDS];

uint kv_staged_word(const uint64_t tile, const bool isValue, const uint row, const uint i) {
    if (i < KV_WORDS) return Words(tile).v[isValue ? row * KV_WORDS + i : i * BLOCK_SIZE + row];
    const uint group = i - KV_WORDS;
    const uint index = isValue ? row * KV_SCALES + group : group * BLOCK_SIZE + row;
    return floatBitsToUint(float(kv_scales(tile).v[index]));
}

// Elements 2 * i and 2 * i + 1 of the row whose words stand `stride` apart from `start` on.
vec2 kv_pair(const uint start, const uint stride, const uint i) {
    const uint word = staged[start + i / 2 * stride];
    const uint first = i % 2 * 2;
    return uintBitsToFloat(staged[start + (KV_WORDS + i / 16) * stride])
        * vec2(kv_byte(word, first), kv_byte(word, first + 1));
}
#endif

#ifdef KV_HALVES
// Elements 2 * i and 2 * i + 1 of a row.
uint kv_half_pair(const uint64_t tile, const bool isValue, const uint row, const uint i) {
    const uint at = i / 2;
    const uint word = Words(tile).v[isValue ? row * KV_WORDS + at : at * BLOCK_SIZE + row];
    const uint group = at / KV_GROUP_WORDS;
    const uint index = isValue ? row * KV_SCALES + group : group * BLOCK_SIZE + row;
    const float scale = float(kv_scales(tile).v[index]);
    const uint first = i % 2 * 2;
    const vec2 pair = scale * vec2(kv_byte(word, first), kv_byte(word, first + 1));
    return packHalf2x16(clamp(pair, -65504.0, 65504.0));
}
#endif

#ifdef KV_STORES
shared float largest[gl_WorkGroupSize.x / SUBGROUP_SIZE * KV_WORDS];

// Writes a row whose elements stand in `finished` from `start` on: d = max |x| / 127 for every 32
// of them, in two steps, because the lanes that hold a word's elements need the others' largest.
// Every invocation must call it.
void kv_store(
    const bool isStored, const uint64_t tile, const bool isValue, const uint row, const uint start
) {
    const uint firstLargest = gl_SubgroupID * KV_WORDS;
    for (uint i = gl_SubgroupInvocationID; i < KV_WORDS; i += SUBGROUP_SIZE) {
        float most = 0;
        [[unroll]] for (uint j = 0; j < 4; ++j) most = max(most, abs(finished[start + 4 * i + j]));
        largest[firstLargest + i] = most;
    }
    subgroupMemoryBarrierShared();
    subgroupBarrier();
    if (!isStored) return;
    for (uint i = gl_SubgroupInvocationID; i < KV_WORDS; i += SUBGROUP_SIZE) {
        const uint group = i / KV_GROUP_WORDS;
        float most = 0;
        [[unroll]] for (uint j = 0; j < KV_GROUP_WORDS; ++j) {
            most = max(most, largest[firstLargest + group * KV_GROUP_WORDS + j]);
        }
        // Halves end at 65504; a scale beyond would be infinite. The bytes follow the scale as
        // stored.
        const float scale = unpackHalf2x16(packHalf2x16(vec2(min(most / 127, 65504.0), 0))).x;
        const float inverse = scale == 0 ? 0 : 1 / scale;
        uint word = 0;
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            const float quant = roundEven(finished[start + 4 * i + j] * inverse);
            word |= (uint(int(clamp(quant, -127.0, 127.0))) & 0xFFu) << (8 * j);
        }
        Words(tile).v[isValue ? row * KV_WORDS + i : i * BLOCK_SIZE + row] = word;
        if (i % KV_GROUP_WORDS == 0) {
            const uint index = isValue ? row * KV_SCALES + group : group * BLOCK_SIZE + row;
            kv_scales(tile).v[index] = float16_t(scale);
        }
    }
}
#endif
