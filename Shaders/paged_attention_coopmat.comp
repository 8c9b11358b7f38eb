// y[t][h] = sum over the keys j that t sees of softmax_j(scale * q[t][h] . k[j]) v[j], by
// cooperative matrices: the path of prompts
//
// q: float[tokens][qStride], rotated; cache: tile[block][kvHead][k, v], see kv_cache.glsl;
// y: float[tokens][headCount * HEAD_SIZE]. A query row is a (token, head) pair whose head belongs
// to the workgroup's KV head. One workgroup of four subgroups computes a tile of ROWS rows, KEYS
// keys at a time with the online softmax of FlashAttention (Dao et al. 2022), both products in
// matrices of M x K and K x N: halves in, sums in 32 bits. Weights are rounded to halves before
// they are added up, so that they still add up to one.
//
// Why: a prompt's tile multiplies ROWS rows by every key, more than FMAs keep up with; where a tile
// has few rows, paged_attention_gpu is as fast and does not round.
// Roofline: the matrix units' rate, 4 * HEAD_SIZE FLOPs for each row and key.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#include "kernel.glsl"
#include "attention.glsl"
layout(constant_id = 8) const uint M = 8;
layout(constant_id = 9) const uint N = 8;
layout(constant_id = 10) const uint K = 8;

#define KV_HALVES
#include "kv_cache.glsl"

const uint KEYS = 32;
const uint SUBGROUPS = 4;
const uint INVOCATIONS = SUBGROUPS * SUBGROUP_SIZE;
// Rows in shared memory are padded by 16 bytes against bank conflicts; in words and in floats.
const uint HEAD_WORDS = HEAD_SIZE / 2;
const uint HEAD_STRIDE = HEAD_WORDS + 4;
const uint WEIGHT_STRIDE = KEYS / 2 + 4;
const uint SCORE_STRIDE = KEYS + 4;
// Fragments of scores and of sums, dealt out to the subgroups in turns.
const uint SCORE_FRAGMENTS = (ROWS / M) * (KEYS / N);
const uint SUM_FRAGMENTS = (ROWS / M) * (HEAD_SIZE / N);
const uint SUM_TURNS = (SUM_FRAGMENTS + SUBGROUPS - 1) / SUBGROUPS;
const uint LANE_ROWS = (ROWS + INVOCATIONS - 1) / INVOCATIONS;
const uint LANE_KEYS = (KEYS + SUBGROUP_SIZE - 1) / SUBGROUP_SIZE;

shared uint queries[ROWS * HEAD_STRIDE];
shared uint staged[KEYS * HEAD_STRIDE];
shared float scores[ROWS * SCORE_STRIDE];
shared uint weights[ROWS * WEIGHT_STRIDE];
// What a row's sums are multiplied by: once for what there was and once for what comes, each in a
// run of N, for there is no other way to multiply the rows of a fragment.
shared float factors[2 * ROWS * N];
shared float highest[ROWS];
shared float totals[ROWS];
shared uint rowPositions[ROWS];

#define MATRIX(type, rows, columns, use) coopmat<type, gl_ScopeSubgroup, rows, columns, use>
#define SUMS MATRIX(float, M, N, gl_MatrixUseAccumulator)

// Copies the keys, or the values, of KEYS positions from `first` on, a row each. Past the last one
// nothing was written: the last is read again, and its weight will be zero.
void stage(
    const AttentionTile tile, const uint kvHead, const uint first, const uint last,
    const bool isValue
) {
    for (uint i = gl_LocalInvocationIndex; i < KEYS * HEAD_WORDS; i += INVOCATIONS) {
        // Neighbours in the cache: keys stand column by column there.
        const uint n = isValue ? i / HEAD_WORDS : i % KEYS;
        const uint word = isValue ? i % HEAD_WORDS : i / KEYS;
        const uint key = min(first + n, last);
        const uint block = Words(p.blockTables).v[tile.blockTableStart + key / BLOCK_SIZE];
        const uint64_t kvTile = kv_tile(block, kvHead) + (isValue ? KV_TILE_BYTES : 0);
        staged[n * HEAD_STRIDE + word] = kv_half_pair(kvTile, isValue, key % BLOCK_SIZE, word);
    }
}

void multiply_keys() {
    for (uint f = gl_SubgroupID; f < SCORE_FRAGMENTS; f += SUBGROUPS) {
        const uint row = f / (KEYS / N) * M;
        const uint key = f % (KEYS / N) * N;
        SUMS products = SUMS(0.0);
        for (uint k = 0; k < HEAD_SIZE; k += K) {
            MATRIX(float16_t, M, K, gl_MatrixUseA) q;
            MATRIX(float16_t, K, N, gl_MatrixUseB) x;
            coopMatLoad(
                q, queries, row * HEAD_STRIDE + k / 2, HEAD_STRIDE,
                gl_CooperativeMatrixLayoutRowMajor);
            coopMatLoad(
                x, staged, key * HEAD_STRIDE + k / 2, HEAD_STRIDE,
                gl_CooperativeMatrixLayoutColumnMajor);
            products = coopMatMulAdd(q, x, products);
        }
        coopMatStore(
            products, scores, row * SCORE_STRIDE + key, SCORE_STRIDE,
            gl_CooperativeMatrixLayoutRowMajor);
    }
}

// Turns scores into weights, a row a subgroup at a time.
void weigh(const uint firstKey) {
    for (uint row = gl_SubgroupID; row < ROWS; row += SUBGROUPS) {
        float score[LANE_KEYS];
        float most = LOWEST;
        [[unroll]] for (uint i = 0; i < LANE_KEYS; ++i) {
            const uint key = i * SUBGROUP_SIZE + gl_SubgroupInvocationID;
            const bool seen = key < KEYS && sees(rowPositions[row], firstKey + key);
            score[i] = seen ? score_of(scores[row * SCORE_STRIDE + key]) : LOWEST;
            most = max(most, score[i]);
        }
        const float newHighest = max(highest[row], subgroupMax(most));
        const float correction = exp(highest[row] - newHighest);
        float part = 0;
        [[unroll]] for (uint i = 0; i < LANE_KEYS; ++i) {
            const uint key = i * SUBGROUP_SIZE + gl_SubgroupInvocationID;
            const float weight = score[i] > LOWEST ? exp(score[i] - newHighest) : 0.0;
            const float rounded = unpackHalf2x16(packHalf2x16(vec2(weight, 0))).x;
            part += rounded;
            if (key < KEYS) scores[row * SCORE_STRIDE + key] = rounded;
        }
        part = subgroupAdd(part);
        subgroupMemoryBarrierShared();
        subgroupBarrier();
        for (uint i = gl_SubgroupInvocationID; i < KEYS / 2; i += SUBGROUP_SIZE) {
            const uint at = row * SCORE_STRIDE + 2 * i;
            weights[row * WEIGHT_STRIDE + i] = packHalf2x16(vec2(scores[at], scores[at + 1]));
        }
        for (uint i = gl_SubgroupInvocationID; i < N; i += SUBGROUP_SIZE) {
            factors[row * N + i] = correction;
        }
        if (subgroupElect()) {
            highest[row] = newHighest;
            totals[row] = fma(totals[row], correction, part);
        }
    }
}

// The factors of a fragment's rows, as a fragment.
SUMS row_factors(const uint row, const uint which) {
    SUMS result;
    coopMatLoad(
        result, factors, (which * ROWS + row) * N, N, gl_CooperativeMatrixLayoutRowMajor);
    return result;
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
    uint split = firstKey / SPLIT_KEYS;

    // Rows past the last are computed as the last, and not written.
    for (uint i = lane; i < ROWS * HEAD_WORDS; i += INVOCATIONS) {
        const uint row = min(tile.firstRow + i / HEAD_WORDS, lastRow);
        const uint token = tile.firstToken + row / group;
        const uint at =
            token * p.qStride + (kvHead * group + row % group) * HEAD_SIZE + i % HEAD_WORDS * 2;
        const vec2 pair = vec2(Floats(p.q).v[at], Floats(p.q).v[at + 1]);
        queries[i / HEAD_WORDS * HEAD_STRIDE + i % HEAD_WORDS] =
            packHalf2x16(clamp(pair, -65504, 65504));
    }
    for (uint i = lane; i < ROWS; i += INVOCATIONS) {
        const uint row = min(tile.firstRow + i, lastRow);
        rowPositions[i] = Words(p.positions).v[tile.firstToken + row / group];
    }
    SUMS wholeSums[SUM_TURNS];
    [[unroll]] for (uint i = 0; i < SUM_TURNS; ++i) wholeSums[i] = SUMS(0.0);
    // Of the rows that are this invocation's.
    float wholeHighest[LANE_ROWS];
    float wholeTotal[LANE_ROWS];
    [[unroll]] for (uint i = 0; i < LANE_ROWS; ++i) {
        wholeHighest[i] = LOWEST;
        wholeTotal[i] = 0;
    }

    // The condition comes last: see kernel.glsl on loops.
    do {
        SUMS sums[SUM_TURNS];
        [[unroll]] for (uint i = 0; i < SUM_TURNS; ++i) sums[i] = SUMS(0.0);
        for (uint i = lane; i < ROWS; i += INVOCATIONS) {
            highest[i] = LOWEST;
            totals[i] = 0;
        }
        uint first = max(split * SPLIT_KEYS, firstKey / KEYS * KEYS);
        const uint end = min((split + 1) * SPLIT_KEYS, lastKey + 1);
        do {
            stage(tile, kvHead, first, lastKey, false);
            barrier();
            multiply_keys();
            barrier();
            stage(tile, kvHead, first, lastKey, true);
            weigh(first);
            barrier();
            [[unroll]] for (uint i = 0; i < SUM_TURNS; ++i) {
                const uint f = i * SUBGROUPS + gl_SubgroupID;
                if (f < SUM_FRAGMENTS) {
                    const uint row = f / (HEAD_SIZE / N) * M;
                    const uint element = f % (HEAD_SIZE / N) * N;
                    sums[i] = sums[i] * row_factors(row, 0);
                    [[unroll]] for (uint k = 0; k < KEYS; k += K) {
                        MATRIX(float16_t, M, K, gl_MatrixUseA) w;
                        MATRIX(float16_t, K, N, gl_MatrixUseB) x;
                        coopMatLoad(
                            w, weights, row * WEIGHT_STRIDE + k / 2, WEIGHT_STRIDE,
                            gl_CooperativeMatrixLayoutRowMajor);
                        coopMatLoad(
                            x, staged, k * HEAD_STRIDE + element / 2, HEAD_STRIDE,
                            gl_CooperativeMatrixLayoutRowMajor);
                        sums[i] = coopMatMulAdd(w, x, sums[i]);
                    }
                }
            }
            barrier();
            first += KEYS;
        } while (first < end);
        [[unroll]] for (uint n = 0; n < LANE_ROWS; ++n) {
            const uint row = n * INVOCATIONS + lane;
            if (row < ROWS) {
                const vec2 both =
                    fold(wholeHighest[n], wholeTotal[n], highest[row], totals[row]);
                for (uint i = 0; i < N; ++i) {
                    factors[row * N + i] = both.x;
                    factors[(ROWS + row) * N + i] = both.y;
                }
            }
        }
        barrier();
        [[unroll]] for (uint i = 0; i < SUM_TURNS; ++i) {
            const uint f = i * SUBGROUPS + gl_SubgroupID;
            if (f < SUM_FRAGMENTS) {
                const uint row = f / (HEAD_SIZE / N) * M;
                wholeSums[i] =
                    wholeSums[i] * row_factors(row, 0) + sums[i] * row_factors(row, 1);
            }
        }
        barrier();
    } while (++split <= lastKey / SPLIT_KEYS);

    [[unroll]] for (uint n = 0; n < LANE_ROWS; ++n) {
        const uint row = n * INVOCATIONS + lane;
        if (row < ROWS) {
            const uint head = kvHead * group + (tile.firstRow + row) % group;
            totals[row] = normaliser(head, wholeHighest[n], wholeTotal[n]);
        }
    }
    barrier();
    // Sums leave by shared memory, a fragment of each subgroup at a time, where scores were: only
    // there is it known which invocation has which.
    const uint start = gl_SubgroupID * (M * N);
    [[unroll]] for (uint i = 0; i < SUM_TURNS; ++i) {
        const uint f = i * SUBGROUPS + gl_SubgroupID;
        if (f < SUM_FRAGMENTS) {
            coopMatStore(wholeSums[i], scores, start, N, gl_CooperativeMatrixLayoutRowMajor);
            subgroupMemoryBarrierShared();
            subgroupBarrier();
            for (uint j = gl_SubgroupInvocationID; j < M * N; j += SUBGROUP_SIZE) {
                const uint tileRow = f / (HEAD_SIZE / N) * M + j / N;
                const uint row = tile.firstRow + tileRow;
                if (row <= lastRow) {
                    const uint token = tile.firstToken + row / group;
                    const uint head = kvHead * group + row % group;
                    const uint element = f % (HEAD_SIZE / N) * N + j % N;
                    Floats(p.y).v[(token * p.headCount + head) * HEAD_SIZE + element] =
                        scores[start + j] * totals[tileRow];
                }
            }
            subgroupBarrier();
        }
    }
}
