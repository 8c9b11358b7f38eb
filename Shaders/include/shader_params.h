// The parameters of every kernel, spelled once: GLSL includes this file, Swift imports it.
//
// Eight-byte members (device addresses) come first; only uint64_t, uint, int and float, so that C
// and GLSL's scalar layout agree. At most 128 bytes a struct (shader_params.c asserts it).
#ifndef PUMICE_SHADER_PARAMS_H
#define PUMICE_SHADER_PARAMS_H

#ifdef __STDC__
#include <stdint.h>
typedef uint32_t uint;
#endif

// A weight matrix [rows, columns] repacked for the device; see include/formats. Each plane is
// 16-byte aligned and holds its part of all blocks; 0 where the format has no such plane.
struct WeightPlanes {
    uint64_t quants;       // the quants, or their low bits; whole weights of unquantised formats
    uint64_t highBits;     // the quants' bits above the low ones
    uint64_t scales;       // the scales and minima of blocks
    uint64_t superScales;  // what the scales of eight blocks are multiplied by
};
#ifdef __STDC__
typedef struct WeightPlanes WeightPlanes;  // GLSL names a struct without the keyword
#endif

// y[t] = row tokens[t] of the embedding matrix, scaled.
struct EmbedParams {
    WeightPlanes weights;
    uint64_t tokens;       // uint[tokenCount]; with the top bit set: take sampled[low bits]
    uint64_t sampled;      // uint[], the previous step's samples
    uint64_t y;            // float[tokenCount][columns]
    uint columns;
    uint rows;             // vocabulary size; ids past it read the last row
    float scale;
};

// y[i] = x[rowIndices[i]] / rms(x[rowIndices[i]]) * weight
struct RMSNormParams {
    uint64_t x;            // float[][columns]
    uint64_t weight;       // float[columns]
    uint64_t rowIndices;   // uint[rowCount], or 0: row i is row i
    uint64_t y;            // float[rowCount][columns]
    uint columns;
    float epsilon;
};

// y[t][r] = sum over k of w[r][k] * x[t][k], plus residual[t][r] where there is one.
struct MatmulParams {
    WeightPlanes weights;
    uint64_t x;            // float[tokens][xStride]
    uint64_t residual;     // float[tokens][yStride], may be y itself; 0: none
    uint64_t y;            // float[tokens][yStride]
    uint rows;             // of w
    uint columns;          // of w, a multiple of 32
    uint tokenCount;
    uint xStride;          // floats from a token to the next, a multiple of 4
    uint yStride;
};

// Rotates q in place; rotates k and copies it and v into the KV cache.
struct RoPEKVWriteParams {
    uint64_t qkv;          // float[tokens][qkvStride]: q heads, k heads, v heads
    uint64_t positions;    // uint[tokens]
    uint64_t slotMapping;  // uint[tokens]: block * blockSize + offset
    uint64_t rotations;    // float[position][rotatedSize / 2][2]: cosine, sine
    uint64_t cache;        // one layer: tile[block][kvHead][k, v], a format of include/kv
    uint tokenCount;
    uint qkvStride;
    uint headCount;
    uint kvHeadCount;
    uint headSize;
    uint rotatedSize;      // leading elements of a head that are rotated
    uint blockSize;
};

// One tile of query rows of one sequence; a row is a (token, head of the group) pair.
struct AttentionTile {
    uint firstToken;       // of the sequence's tokens in this batch
    uint tokenCount;       // of the sequence in this batch
    uint firstRow;         // of this tile, counted within the sequence
    uint blockTableStart;  // where the sequence's block table begins
};

// y[t][h] = softmax(q[t][h] . K / sqrt(headSize)) V over the token's own context.
struct PagedAttentionParams {
    uint64_t q;            // float[tokens][qStride], rotated
    uint64_t cache;        // one layer, as RoPEKVWriteParams
    uint64_t blockTables;  // uint[]
    uint64_t tiles;        // AttentionTile[]
    uint64_t positions;    // uint[tokens]; a token sees keys 0 ... its own position
    uint64_t y;            // float[tokens][headCount * headSize]
    uint qStride;
    uint headCount;
    uint kvHeadCount;
    uint blockSize;
    float scale;
};

// y[t][i] = silu(gateUp[t][i]) * gateUp[t][columns + i]
struct SiLUMulParams {
    uint64_t gateUp;       // float[tokens][2 * columns]
    uint64_t y;            // float[tokens][columns]
    uint columns;
    uint tokenCount;
};

// How one row of logits becomes a token.
struct SamplingRow {
    uint logitsRow;        // which row of the logits it draws from
    float temperature;     // 0: greedy
    uint topK;             // 0: all
    float topP;            // 1: all
    float minP;            // 0: all
    uint seedLow;
    uint seedHigh;
    uint position;         // of the token in the sequence's output; names the random draw
};

// tokens[i] = a token drawn from logits[rows[i].logitsRow] as rows[i] says.
struct SampleParams {
    uint64_t logits;       // float[][stride]
    uint64_t rows;         // SamplingRow[]
    uint64_t tokens;       // uint[]
    uint vocabularySize;
    uint stride;
};

#endif
