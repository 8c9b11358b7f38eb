// y[t][h] = sum over j <= position[t] of softmax_j(scale * q[t][h] . k[j]) v[j], the keys and
// values of the token's sequence being found through its block table.
//
// q: float[tokens][qStride], rotated; cache: tile[block][kvHead][k, v], see kv_cache.glsl;
// y: float[tokens][headCount * HEAD_SIZE]. A query row is a (token, head) pair whose head belongs
// to the workgroup's KV head. One invocation computes one row, one subgroup a tile of rows, with
// the online softmax of FlashAttention (Dao et al. 2022) over four keys at a time.
//
// Why: on lavapipe an invocation is a SIMD lane. All lanes of a tile walk the same keys, which are
// then scalar loads and broadcasts; the query and the output stay in registers or the L1 cache.
// Rows are computed alone, so the batch around them cannot change their bits.
// Roofline: 4 * HEAD_SIZE FLOPs and two rows of a tile for each row and key.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(constant_id = 2) const uint HEAD_SIZE = 64;
layout(push_constant, scalar) uniform Push { PagedAttentionParams p; };

#include "kv_cache.glsl"

BUFFER(Tiles, AttentionTile, 4);

void main() {
    const AttentionTile tile = Tiles(p.tiles).v[gl_WorkGroupID.x];
    const uint kvHead = gl_WorkGroupID.y;
    const uint group = p.headCount / p.kvHeadCount;
    const uint rowCount = tile.tokenCount * group;
    const uint row = tile.firstRow + gl_LocalInvocationIndex;
    const uint safeRow = min(row, rowCount - 1);
    const uint token = tile.firstToken + safeRow / group;
    const uint head = kvHead * group + safeRow % group;
    const uint position = Words(p.positions).v[token];
    // The last row of a tile sees the most keys: the loop is as long for every lane.
    const uint lastRow = min(tile.firstRow + gl_WorkGroupSize.x, rowCount) - 1;
    const uint keyCount = Words(p.positions).v[tile.firstToken + lastRow / group] + 1;

    Float4s q = Float4s(p.q + 4ul * (token * p.qStride + head * HEAD_SIZE));
    vec4 query[HEAD_SIZE / 4];
    vec4 sum[HEAD_SIZE / 4];
    [[unroll]] for (uint i = 0; i < HEAD_SIZE / 4; ++i) {
        query[i] = q.v[i] * p.scale;
        sum[i] = vec4(0);
    }
    float highest = -1e30;
    float total = 0;
    // The condition comes last: see kernel.glsl on loops.
    uint key = 0;
    do {
        const uint block = Words(p.blockTables).v[tile.blockTableStart + key / p.blockSize];
        const uint64_t tileBytes = kv_tile_bytes(p.blockSize);
        const uint64_t keys =
            p.cache + uint64_t((block * p.kvHeadCount + kvHead) * 2) * tileBytes;
        const uint64_t values = keys + tileBytes;
        // Past the last key nothing was written: read the last one again, its weight will be zero.
        uint slots[4];
        [[unroll]] for (uint n = 0; n < 4; ++n) {
            slots[n] = key % p.blockSize + min(n, keyCount - 1 - key);
        }
        float score[4];
        [[unroll]] for (uint n = 0; n < 4; ++n) {
            float dotProduct = 0;
            [[unroll]] for (uint i = 0; i < HEAD_SIZE / 4; ++i) {
                const vec4 part = kv_load(keys, p.blockSize, slots[n], i);
                [[unroll]] for (uint j = 0; j < 4; ++j) {
                    dotProduct = fma(query[i][j], part[j], dotProduct);
                }
            }
            score[n] = key + n <= position ? dotProduct : -1e30;
        }
        const float newHighest =
            max(max(max(score[0], score[1]), max(score[2], score[3])), highest);
        const float correction = exp(highest - newHighest);
        highest = newHighest;
        float weight[4];
        [[unroll]] for (uint n = 0; n < 4; ++n) {
            weight[n] = key + n <= position ? exp(score[n] - newHighest) : 0;
        }
        total = fma(total, correction, (weight[0] + weight[1]) + (weight[2] + weight[3]));
        [[unroll]] for (uint i = 0; i < HEAD_SIZE / 4; ++i) {
            vec4 mixed = sum[i] * correction;
            [[unroll]] for (uint n = 0; n < 4; ++n) {
                const vec4 part = kv_load(values, p.blockSize, slots[n], i);
                mixed = fma(vec4(weight[n]), part, mixed);
            }
            sum[i] = mixed;
        }
        key += 4;
    } while (key < keyCount);
    if (row < rowCount) {
        Float4s y = Float4s(p.y + 4ul * (token * p.headCount + head) * HEAD_SIZE);
        [[unroll]] for (uint i = 0; i < HEAD_SIZE / 4; ++i) y.v[i] = sum[i] / total;
    }
}
