// y[t][h] = sum over the keys j that t sees of softmax_j(scale * q[t][h] . k[j]) v[j], the keys and
// values of the token's sequence being found through its block table.
//
// q: float[tokens][qStride], rotated; cache: tile[block][kvHead][k, v], see kv_cache.glsl;
// y: float[tokens][headCount * HEAD_SIZE]. A query row is a (token, head) pair whose head belongs
// to the workgroup's KV head. One workgroup is one subgroup and computes ROWS rows with the online
// softmax of FlashAttention (Dao et al. 2022), a key a lane at a time.
//
// Why: on lavapipe an invocation is a SIMD lane, and it works best on runs of memory and on numbers
// all lanes share. For scores the lanes are keys and the query's elements are shared; for sums the
// lanes are elements of the values and the weights are shared. A key or value is unpacked once for
// all rows. Rows are computed alone, so the batch around them cannot change their bits.
// Roofline: 4 * HEAD_SIZE FLOPs for each row and key, two rows of a KV tile for each key.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "attention.glsl"
#include "lanes.glsl"

#define KV_LANES
#include "kv_cache.glsl"

// Keys a lane each: as many as there are lanes, in one block.
const uint BLOCK_RUN = BLOCK_SIZE & (~BLOCK_SIZE + 1);
const uint CHUNK = BLOCK_RUN < SUBGROUP_SIZE ? BLOCK_RUN : SUBGROUP_SIZE;

// A lane's elements of a value: KV_WORD_ELEMENTS of every run of SUBGROUP_SIZE words.
const uint VECTORS = (KV_WORDS + SUBGROUP_SIZE - 1) / SUBGROUP_SIZE;
const uint ELEMENTS = VECTORS * KV_WORD_ELEMENTS;

// Elements of a query that one group of words of a key meets, and loads, one a lane, that bring
// them where lanes do not share loads; and the elements of all rows' queries so loaded.
const uint GROUP_ELEMENTS = KV_GROUP_WORDS * KV_WORD_ELEMENTS;
const uint QUERY_LOADS = (GROUP_ELEMENTS + SUBGROUP_SIZE - 1) / SUBGROUP_SIZE;

uint64_t query[ROWS];
float elements[ROWS * QUERY_LOADS];
uint position[ROWS];
// Of the split at hand: the highest score, the total of the weights, the lane's sums.
float highest[ROWS];
float total[ROWS];
float sums[ROWS * ELEMENTS];

// The queries' elements of a group of words, one a lane and load.
void load_queries(const uint group) {
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        Floats q = Floats(query[r] + uint64_t(group) * (4 * GROUP_ELEMENTS));
        [[unroll]] for (uint n = 0; n < QUERY_LOADS; ++n) {
            const uint e = n * SUBGROUP_SIZE + gl_SubgroupInvocationID;
            elements[r * QUERY_LOADS + n] = q.v[min(e, GROUP_ELEMENTS - 1)];
        }
    }
}

// Scores the keys from `row` of a block on, one a lane: dot products, neither scaled nor masked.
void dot_products(const uint64_t keys, const uint row, out float products[ROWS]) {
    [[unroll]] for (uint r = 0; r < ROWS; ++r) products[r] = 0;
    const uint64_t words = keys + 4 * row;
    // The condition comes last: see kernel.glsl on loops.
    uint group = 0;
    do {
        const uint64_t first = words + uint64_t(group) * (4 * KV_GROUP_WORDS * BLOCK_SIZE);
        if (!SHARES_LOADS) load_queries(group);
        // A sum for each element of a word, and each from zero: chains of additions are short.
        float parts[ROWS * KV_WORD_ELEMENTS];
        [[unroll]] for (uint i = 0; i < ROWS * KV_WORD_ELEMENTS; ++i) parts[i] = 0;
        [[unroll]] for (uint i = 0; i < KV_GROUP_WORDS; ++i) {
            float x[KV_WORD_ELEMENTS];
            kv_unpack(lane_word(first + 4 * i * BLOCK_SIZE, CHUNK), x);
            [[unroll]] for (uint r = 0; r < ROWS; ++r) {
                Floats q = Floats(query[r] + uint64_t(group) * (4 * GROUP_ELEMENTS));
                [[unroll]] for (uint j = 0; j < KV_WORD_ELEMENTS; ++j) {
                    const uint at = r * KV_WORD_ELEMENTS + j;
                    const uint e = i * KV_WORD_ELEMENTS + j;
                    float element;
                    if (SHARES_LOADS) {
                        element = q.v[e];
                    } else {
                        const uint from = r * QUERY_LOADS + e / SUBGROUP_SIZE;
                        element = subgroupBroadcast(elements[from], e % SUBGROUP_SIZE);
                    }
                    parts[at] = fma(element, x[j], parts[at]);
                }
            }
        }
        const float scale = kv_key_scale(keys, row, group, CHUNK);
        [[unroll]] for (uint r = 0; r < ROWS; ++r) {
            float part = parts[r * KV_WORD_ELEMENTS];
            [[unroll]] for (uint j = 1; j < KV_WORD_ELEMENTS; ++j) {
                part += parts[r * KV_WORD_ELEMENTS + j];
            }
            products[r] = KV_HAS_SCALES ? fma(part, scale, products[r]) : products[r] + part;
        }
    } while (++group < KV_WORDS / KV_GROUP_WORDS);
}

// Turns dot products into weights, and makes room for them in the split's sums.
void weigh(const uint key, inout float weights[ROWS]) {
    const uint lane = gl_SubgroupInvocationID;
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        const bool seen = lane < CHUNK && sees(position[r], key + lane);
        const float score = seen ? score_of(weights[r]) : LOWEST;
        const float newHighest = max(highest[r], subgroupMax(score));
        const float correction = exp(highest[r] - newHighest);
        highest[r] = newHighest;
        weights[r] = seen ? exp(score - newHighest) : 0;
        total[r] = fma(total[r], correction, weights[r]);
        [[unroll]] for (uint i = 0; i < ELEMENTS; ++i) sums[r * ELEMENTS + i] *= correction;
    }
}

// Adds the values from `row` of a block on. Past `last` nothing was written: that one is read
// again, its weight is zero.
void add_values(
    const uint64_t values, const uint row, const uint last, const float weights[ROWS]
) {
    [[unroll]] for (uint i = 0; i < VECTORS; ++i) {
        [[unroll]] for (uint n = 0; n < CHUNK; ++n) {
            const uint valueRow = row + min(n, last);
            float x[KV_WORD_ELEMENTS];
            const uint first = i * SUBGROUP_SIZE;
            kv_unpack(
                lane_word(values + 4 * (valueRow * KV_WORDS) + 4 * first, KV_WORDS - first), x);
            const float scale = kv_value_scale(values, valueRow, i);
            [[unroll]] for (uint r = 0; r < ROWS; ++r) {
                const float weight = subgroupBroadcast(weights[r], n) * scale;
                [[unroll]] for (uint j = 0; j < KV_WORD_ELEMENTS; ++j) {
                    const uint at = r * ELEMENTS + i * KV_WORD_ELEMENTS + j;
                    sums[at] = fma(weight, x[j], sums[at]);
                }
            }
        }
    }
}

void main() {
    lanes_begin();
    const uint lane = gl_SubgroupInvocationID;
    const AttentionTile tile = Tiles(p.tiles).v[gl_WorkGroupID.x];
    const uint kvHead = gl_WorkGroupID.y;
    const uint group = p.headCount / p.kvHeadCount;
    // Rows past the last are computed as the last, and not written.
    const uint lastRow = min(tile.firstRow + ROWS, tile.tokenCount * group) - 1;
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        const uint row = min(tile.firstRow + r, lastRow);
        const uint token = tile.firstToken + row / group;
        const uint head = kvHead * group + row % group;
        position[r] = Words(p.positions).v[token];
        query[r] = p.q + 4ul * (token * p.qStride + head * HEAD_SIZE);
    }
    const uint firstKey = first_key(position[0]);
    const uint lastKey = position[ROWS - 1];
    const bool isWhole = tile.partials == ATTENTION_WHOLE;
    uint split = isWhole ? firstKey / SPLIT_KEYS : tile.split;
    const uint lastSplit = isWhole ? lastKey / SPLIT_KEYS : split;
    // A split of which no row sees anything: one chunk is computed, of keys there are, for nothing.
    const bool isSeen = split >= firstKey / SPLIT_KEYS && split <= lastKey / SPLIT_KEYS;

    float wholeHighest[ROWS];
    float wholeTotal[ROWS];
    float wholeSums[ROWS * ELEMENTS];
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        wholeHighest[r] = LOWEST;
        wholeTotal[r] = 0;
        [[unroll]] for (uint i = 0; i < ELEMENTS; ++i) wholeSums[r * ELEMENTS + i] = 0;
    }
    do {
        [[unroll]] for (uint r = 0; r < ROWS; ++r) {
            highest[r] = LOWEST;
            total[r] = 0;
            [[unroll]] for (uint i = 0; i < ELEMENTS; ++i) sums[r * ELEMENTS + i] = 0;
        }
        const uint firstChunk = firstKey / CHUNK * CHUNK;
        uint key = isSeen ? max(split * SPLIT_KEYS, firstChunk) : firstChunk;
        const uint end = isSeen ? min((split + 1) * SPLIT_KEYS, lastKey + 1) : key;
        do {
            const uint block = Words(p.blockTables).v[tile.blockTableStart + key / BLOCK_SIZE];
            const uint64_t keys = kv_tile(block, kvHead);
            float weights[ROWS];
            dot_products(keys, key % BLOCK_SIZE, weights);
            weigh(key, weights);
            add_values(keys + KV_TILE_BYTES, key % BLOCK_SIZE, lastKey - key, weights);
            key += CHUNK;
        } while (key < end);
        [[unroll]] for (uint r = 0; r < ROWS; ++r) {
            const float splitTotal = subgroupAdd(total[r]);
            const vec2 factors = fold(wholeHighest[r], wholeTotal[r], highest[r], splitTotal);
            [[unroll]] for (uint i = 0; i < ELEMENTS; ++i) {
                const uint at = r * ELEMENTS + i;
                wholeSums[at] = fma(wholeSums[at], factors.x, sums[at] * factors.y);
            }
        }
    } while (++split <= lastSplit);

    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        const uint row = tile.firstRow + r;
        if (row <= lastRow && isSeen) {
            const uint token = tile.firstToken + row / group;
            const uint head = kvHead * group + row % group;
            Floats y = Floats(p.y + 4ul * (token * p.headCount + head) * HEAD_SIZE);
            float factor = 1;
            if (isWhole) {
                factor = normaliser(head, wholeHighest[r], wholeTotal[r]);
            } else {
                y = partial_row(tile, tile.split, kvHead, r);
                y.v[HEAD_SIZE] = wholeHighest[r];
                y.v[HEAD_SIZE + 1] = wholeTotal[r];
            }
            [[unroll]] for (uint i = 0; i < ELEMENTS; ++i) {
                const uint word = i / KV_WORD_ELEMENTS * SUBGROUP_SIZE + lane;
                const uint element = word * KV_WORD_ELEMENTS + i % KV_WORD_ELEMENTS;
                if (word < KV_WORDS) y.v[element] = wholeSums[r * ELEMENTS + i] * factor;
            }
        }
    }
}
