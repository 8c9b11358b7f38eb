// y[t][h] = sum over the keys j that t sees of softmax_j(scale * q[t][h] . k[j]) v[j], the keys and
// values of the token's sequence being found through its block table.
//
// q: float[tokens][qStride], rotated; cache: tile[block][kvHead][k, v], see kv_cache.glsl;
// y: float[tokens][headCount * HEAD_SIZE]. A query row is a (token, head) pair whose head belongs
// to the workgroup's KV head. One workgroup of 128 computes a tile of ROWS rows, KEYS keys at a
// time with the online softmax of FlashAttention (Dao et al. 2022): keys to shared memory, scores,
// weights, values to the same shared memory, sums in registers.
//
// Why: the heads of a group and the tokens of a chunk share each load of a key or value; one kernel
// serves prompt chunks and single tokens.
// Roofline: two rows of a KV tile for each key and tile of query rows.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "attention.glsl"

const uint KEYS = 16;
const uint INVOCATIONS = 128;
const uint SUMS = ROWS * HEAD_SIZE / INVOCATIONS;

shared float query[ROWS * HEAD_SIZE];
shared float weights[ROWS * KEYS];
shared float corrections[ROWS];
shared float highest[ROWS];
shared float totals[ROWS];
shared uint rowPositions[ROWS];

#define KV_STAGED_ROWS KEYS
#include "kv_cache.glsl"

// Copies the keys, or the values, of KEYS positions from `first` on. Past the last one nothing was
// written: the last is read again, and its weight will be zero. Keys are kept column by column, as
// they stand in the cache, so that invocations with neighbouring keys meet no bank conflict.
void stage(
    const AttentionTile tile, const uint kvHead, const uint first, const uint last,
    const bool isValue
) {
    for (uint i = gl_LocalInvocationIndex; i < KEYS * KV_ROW_WORDS; i += INVOCATIONS) {
        const uint n = isValue ? i / KV_ROW_WORDS : i % KEYS;
        const uint word = isValue ? i % KV_ROW_WORDS : i / KEYS;
        const uint key = min(first + n, last);
        const uint block = Words(p.blockTables).v[tile.blockTableStart + key / BLOCK_SIZE];
        const uint64_t kvTile = kv_tile(block, kvHead) + (isValue ? KV_TILE_BYTES : 0);
        staged[i] = kv_staged_word(kvTile, isValue, key % BLOCK_SIZE, word);
    }
}

float dot_product(const uint row, const uint key) {
    float sum = 0;
    for (uint i = 0; i < HEAD_SIZE / 2; ++i) {
        const vec2 pair = kv_pair(key, KEYS, i);
        sum = fma(query[row * HEAD_SIZE + 2 * i], pair.x, sum);
        sum = fma(query[row * HEAD_SIZE + 2 * i + 1], pair.y, sum);
    }
    return sum;
}

// Turns a row's scores into weights.
void weigh(const uint row, const uint first) {
    float newHighest = highest[row];
    for (uint k = 0; k < KEYS; ++k) newHighest = max(newHighest, weights[row * KEYS + k]);
    const float correction = exp(highest[row] - newHighest);
    float part = 0;
    for (uint k = 0; k < KEYS; ++k) {
        const bool seen = sees(rowPositions[row], first + k);
        const float weight = seen ? exp(weights[row * KEYS + k] - newHighest) : 0.0;
        weights[row * KEYS + k] = weight;
        part += weight;
    }
    highest[row] = newHighest;
    totals[row] = fma(totals[row], correction, part);
    corrections[row] = correction;
}

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const AttentionTile tile = Tiles(p.tiles).v[gl_WorkGroupID.x];
    const uint kvHead = gl_WorkGroupID.y;
    const uint group = p.headCount / p.kvHeadCount;
    const uint lastRow = min(tile.firstRow + ROWS, tile.tokenCount * group) - 1;
    const uint firstKey =
        first_key(Words(p.positions).v[tile.firstToken + tile.firstRow / group]);
    const uint lastKey = Words(p.positions).v[tile.firstToken + lastRow / group];
    const bool isWhole = tile.partials == ATTENTION_WHOLE;
    uint split = isWhole ? firstKey / SPLIT_KEYS : tile.split;
    const uint lastSplit = isWhole ? lastKey / SPLIT_KEYS : split;
    // A split of which no row sees anything: one step is computed, of keys there are, for nothing.
    const bool isSeen = split >= firstKey / SPLIT_KEYS && split <= lastKey / SPLIT_KEYS;

    for (uint i = lane; i < ROWS * HEAD_SIZE; i += INVOCATIONS) {
        const uint row = min(tile.firstRow + i / HEAD_SIZE, lastRow);
        const uint token = tile.firstToken + row / group;
        const uint head = kvHead * group + row % group;
        query[i] = Floats(p.q).v[token * p.qStride + head * HEAD_SIZE + i % HEAD_SIZE];
    }
    if (lane < ROWS) {
        const uint row = min(tile.firstRow + lane, lastRow);
        rowPositions[lane] = Words(p.positions).v[tile.firstToken + row / group];
    }
    float wholeSums[SUMS];
    [[unroll]] for (uint i = 0; i < SUMS; ++i) wholeSums[i] = 0;
    float wholeHighest = LOWEST;  // of row `lane`, kept by the first ROWS invocations
    float wholeTotal = 0;

    // The condition comes last: see kernel.glsl on loops.
    do {
        float sums[SUMS];
        [[unroll]] for (uint i = 0; i < SUMS; ++i) sums[i] = 0;
        if (lane < ROWS) {
            highest[lane] = LOWEST;
            totals[lane] = 0;
        }
        const uint firstStep = firstKey / KEYS * KEYS;
        uint first = isSeen ? max(split * SPLIT_KEYS, firstStep) : firstStep;
        const uint end = isSeen ? min((split + 1) * SPLIT_KEYS, lastKey + 1) : first;
        do {
            stage(tile, kvHead, first, lastKey, false);
            barrier();
            for (uint i = lane; i < ROWS * KEYS; i += INVOCATIONS) {
                const uint row = i / KEYS;
                const bool seen = sees(rowPositions[row], first + i % KEYS);
                weights[i] = seen ? score_of(dot_product(row, i % KEYS)) : LOWEST;
            }
            barrier();
            stage(tile, kvHead, first, lastKey, true);
            if (lane < ROWS) weigh(lane, first);
            barrier();
            [[unroll]] for (uint i = 0; i < SUMS; ++i) {
                const uint row = (lane + i * INVOCATIONS) / HEAD_SIZE;
                const uint element = (lane + i * INVOCATIONS) % HEAD_SIZE;
                float sum = sums[i] * corrections[row];
                for (uint k = 0; k < KEYS; ++k) {
                    const vec2 pair = kv_pair(k * KV_ROW_WORDS, 1, element / 2);
                    sum = fma(weights[row * KEYS + k], element % 2 == 0 ? pair.x : pair.y, sum);
                }
                sums[i] = sum;
            }
            barrier();
            first += KEYS;
        } while (first < end);
        // The factors travel where the weights were.
        if (lane < ROWS) {
            const vec2 factors = fold(wholeHighest, wholeTotal, highest[lane], totals[lane]);
            weights[lane] = factors.x;
            corrections[lane] = factors.y;
        }
        barrier();
        [[unroll]] for (uint i = 0; i < SUMS; ++i) {
            const uint row = (lane + i * INVOCATIONS) / HEAD_SIZE;
            wholeSums[i] = fma(wholeSums[i], weights[row], sums[i] * corrections[row]);
        }
        barrier();
    } while (++split <= lastSplit);

    if (lane < ROWS) {
        const uint row = tile.firstRow + lane;
        corrections[lane] = normaliser(kvHead * group + row % group, wholeHighest, wholeTotal);
        if (row <= lastRow && isSeen && !isWhole) {
            Floats partial = partial_row(tile, tile.split, kvHead, lane);
            partial.v[HEAD_SIZE] = wholeHighest;
            partial.v[HEAD_SIZE + 1] = wholeTotal;
        }
    }
    barrier();
    [[unroll]] for (uint i = 0; i < SUMS; ++i) {
        const uint tileRow = (lane + i * INVOCATIONS) / HEAD_SIZE;
        const uint row = tile.firstRow + tileRow;
        if (row <= lastRow && isSeen) {
            const uint element = (lane + i * INVOCATIONS) % HEAD_SIZE;
            if (isWhole) {
                const uint token = tile.firstToken + row / group;
                const uint head = kvHead * group + row % group;
                Floats(p.y).v[(token * p.headCount + head) * HEAD_SIZE + element] =
                    wholeSums[i] * corrections[tileRow];
            } else {
                partial_row(tile, tile.split, kvHead, tileRow).v[element] = wholeSums[i];
            }
        }
    }
}
