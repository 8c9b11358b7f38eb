// y[t][h] = sum over j <= position[t] of softmax_j(scale * q[t][h] . k[j]) v[j], the keys and
// values of the token's sequence being found through its block table.
//
// q: float[tokens][qStride], rotated; cache: tile[block][kvHead][k, v], see kv_cache.glsl;
// y: float[tokens][headCount * HEAD_SIZE]. A query row is a (token, head) pair whose head belongs
// to the workgroup's KV head. One workgroup of 128 computes a tile of 16 rows, 16 keys at a time
// with the online softmax of FlashAttention (Dao et al. 2022): keys to shared memory, scores,
// weights, values to the same shared memory, sums in registers.
//
// Why: the heads of a group and the tokens of a chunk share each load of a key or value; one kernel
// serves prompt chunks and single tokens.
// Roofline: two rows of a KV tile for each key and tile of 16 query rows.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(constant_id = 2) const uint HEAD_SIZE = 64;
layout(push_constant, scalar) uniform Push { PagedAttentionParams p; };

BUFFER(Tiles, AttentionTile, 4);

const uint ROWS = 16;
const uint KEYS = 16;
const uint INVOCATIONS = 128;
const uint SUMS = ROWS * HEAD_SIZE / INVOCATIONS;

shared float query[ROWS * HEAD_SIZE];
shared float weights[ROWS * KEYS];
shared float corrections[ROWS];
shared float totals[ROWS];
shared uint rowPositions[ROWS];

#define KV_STAGED_ROWS KEYS
#include "kv_cache.glsl"

// Copies the keys, or the values, of KEYS positions from `first` on. Past the last one nothing was
// written: the last is read again, and its weight will be zero.
void stage(
    const AttentionTile tile, const uint kvHead, const uint first, const uint last,
    const uint isValue
) {
    for (uint i = gl_LocalInvocationIndex; i < KEYS * KV_ROW_WORDS; i += INVOCATIONS) {
        const uint key = min(first + i / KV_ROW_WORDS, last);
        const uint block = Words(p.blockTables).v[tile.blockTableStart + key / p.blockSize];
        const uint64_t kvTile =
            p.cache
            + uint64_t((block * p.kvHeadCount + kvHead) * 2 + isValue) * kv_tile_bytes(p.blockSize);
        kv_stage(
            kvTile, p.blockSize, key % p.blockSize, i / KV_ROW_WORDS, i % KV_ROW_WORDS);
    }
}

float score(const uint row, const uint key) {
    float sum = 0;
    for (uint i = 0; i < HEAD_SIZE / 2; ++i) {
        const vec2 pair = kv_staged(key, i);
        sum = fma(query[row * HEAD_SIZE + 2 * i], pair.x, sum);
        sum = fma(query[row * HEAD_SIZE + 2 * i + 1], pair.y, sum);
    }
    return sum;
}

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const AttentionTile tile = Tiles(p.tiles).v[gl_WorkGroupID.x];
    const uint kvHead = gl_WorkGroupID.y;
    const uint group = p.headCount / p.kvHeadCount;
    const uint rowCount = tile.tokenCount * group;
    const uint lastRow = min(tile.firstRow + ROWS, rowCount) - 1;
    const uint lastKey = Words(p.positions).v[tile.firstToken + lastRow / group];

    for (uint i = lane; i < ROWS * HEAD_SIZE; i += INVOCATIONS) {
        const uint row = min(tile.firstRow + i / HEAD_SIZE, lastRow);
        const uint token = tile.firstToken + row / group;
        const uint head = kvHead * group + row % group;
        query[i] = Floats(p.q).v[token * p.qStride + head * HEAD_SIZE + i % HEAD_SIZE] * p.scale;
    }
    if (lane < ROWS) {
        const uint row = min(tile.firstRow + lane, lastRow);
        rowPositions[lane] = Words(p.positions).v[tile.firstToken + row / group];
    }
    float sums[SUMS];
    [[unroll]] for (uint i = 0; i < SUMS; ++i) sums[i] = 0;
    float highest = -1e30;  // of row `lane`, kept by the first ROWS invocations
    float total = 0;
    barrier();

    // The condition comes last: see kernel.glsl on loops.
    uint first = 0;
    do {
        stage(tile, kvHead, first, lastKey, 0);
        barrier();
        for (uint i = lane; i < ROWS * KEYS; i += INVOCATIONS) {
            const uint row = i / KEYS;
            const bool seen = first + i % KEYS <= rowPositions[row];
            weights[i] = seen ? score(row, i % KEYS) : -1e30;
        }
        barrier();
        stage(tile, kvHead, first, lastKey, 1);
        if (lane < ROWS) {
            float newHighest = highest;
            for (uint k = 0; k < KEYS; ++k) {
                newHighest = max(newHighest, weights[lane * KEYS + k]);
            }
            const float correction = exp(highest - newHighest);
            float part = 0;
            for (uint k = 0; k < KEYS; ++k) {
                const bool seen = first + k <= rowPositions[lane];
                const float weight = seen ? exp(weights[lane * KEYS + k] - newHighest) : 0.0;
                weights[lane * KEYS + k] = weight;
                part += weight;
            }
            highest = newHighest;
            total = fma(total, correction, part);
            corrections[lane] = correction;
            totals[lane] = total;
        }
        barrier();
        [[unroll]] for (uint i = 0; i < SUMS; ++i) {
            const uint row = (lane + i * INVOCATIONS) / HEAD_SIZE;
            const uint element = (lane + i * INVOCATIONS) % HEAD_SIZE;
            float sum = sums[i] * corrections[row];
            for (uint k = 0; k < KEYS; ++k) {
                const vec2 pair = kv_staged(k, element / 2);
                sum = fma(weights[row * KEYS + k], element % 2 == 0 ? pair.x : pair.y, sum);
            }
            sums[i] = sum;
        }
        barrier();
        first += KEYS;
    } while (first <= lastKey);

    [[unroll]] for (uint i = 0; i < SUMS; ++i) {
        const uint tileRow = (lane + i * INVOCATIONS) / HEAD_SIZE;
        const uint row = tile.firstRow + tileRow;
        if (row <= lastRow) {
            const uint token = tile.firstToken + row / group;
            const uint head = kvHead * group + row % group;
            const uint element = (lane + i * INVOCATIONS) % HEAD_SIZE;
            Floats(p.y).v[(token * p.headCount + head) * HEAD_SIZE + element] =
                sums[i] / totals[tileRow];
        }
    }
}
