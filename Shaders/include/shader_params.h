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

// A weight matrix [rows, columns] repacked for the device; see include/formats, for the CPU family
// include/interleaved.glsl. Each plane is 16-byte aligned and holds its part of all blocks; 0 where
// the format has no such plane.
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

// y[i] = x[rowIndices[i]] / rms(x[rowIndices[i]]) * weight, or that much more than it was; with a
// next norm, normed[i] = y[i] / rms(y[i]) * nextWeight
struct RMSNormParams {
    uint64_t x;            // float[][columns]
    uint64_t weight;       // float[columns]
    uint64_t rowIndices;   // uint[rowCount], or 0: row i is row i
    uint64_t y;            // float[rowCount][columns]
    uint64_t nextWeight;   // float[columns], or 0
    uint64_t normed;       // float[rowCount][columns], or 0
    uint columns;
    float epsilon;
};

// y[t][r] = sum over k of w[r][k] * x[t][k], plus bias[r]; with an activation y[t][r] becomes
// act(y[t][r]) * y[t][rows / 2 + r]; plus residual[t][r]; with a norm normed[t] = the RMS norm of
// y[t]. Each only where the pipeline's constants say so; the norm in the CPU family only.
struct MatmulParams {
    WeightPlanes weights;
    uint64_t x;            // float[tokens][xStride]; of matvec_dot: QuantizeParams.quants
    uint64_t xSums;        // InputSumsParams.sums; of matvec_dot: QuantizeParams.scales
    uint64_t bias;         // float[rows]
    uint64_t residual;     // float[tokens][yStride], may be y itself
    uint64_t y;            // float[tokens][yStride]; if split: MatmulReduceParams.partials
    uint64_t normWeight;   // float[rows]
    uint64_t normed;       // float[tokens][rows]
    uint64_t counters;     // uint[tiles of tokens], zero before and after
    uint rows;             // of w
    uint columns;          // of w, a multiple of 32
    uint tokenCount;
    uint xStride;          // floats from a token to the next, a multiple of 4
    uint yStride;
    uint splitBlocks;      // blocks of 32 columns a workgroup sums; all, unless columns are split
    float epsilon;         // of the norm
};

// y[t][r] = sum over s of partials[s][t][r], then bias, activation and residual as MatmulParams.
struct MatmulReduceParams {
    uint64_t partials;     // float[splitCount][tokenCount][rows]
    uint64_t bias;
    uint64_t residual;
    uint64_t y;
    uint rows;             // of the weights
    uint tokenCount;
    uint splitCount;
    uint yStride;
};

// sums[t][i] = sum over k of x[t][width * i + k], the width a constant of the kernel.
struct InputSumsParams {
    uint64_t x;            // float[tokens][columns]
    uint64_t sums;         // float[tokens][columns / width]
    uint columns;          // a multiple of width
    uint unused;           // alignment
};

// Activations as bytes with a scale for 32 of them.
struct QuantizeParams {
    uint64_t x;            // float[tokens][xStride]
    uint64_t quants;       // signed bytes[tokens][columns], 16-byte aligned
    uint64_t scales;       // uvec2[tokens][columns / 32]: scale, two sums of 16 quants
    uint columns;          // a multiple of 32
    uint xStride;          // a multiple of 4
};

// Normalises and rotates q in place; does the same to k and copies it and v into the KV cache.
struct RoPEKVWriteParams {
    uint64_t qkv;          // float[tokens][qkvStride]: q heads, k heads, v heads
    uint64_t positions;    // uint[tokens]
    uint64_t slotMapping;  // uint[tokens]: block * blockSize + offset
    uint64_t rotations;    // float[position][rotatedSize / 2][2]: cosine, sine
    uint64_t cache;        // one layer: tile[block][kvHead][k, v], a format of include/kv
    uint64_t queryNorm;    // float[headSize], or 0: no norm
    uint64_t keyNorm;      // the same for keys
    uint qkvStride;
    uint headCount;
    uint kvHeadCount;
    uint rotatedSize;      // leading elements of a head that are rotated
    float epsilon;         // of the norms
};

// One tile of query rows of one sequence; a row is a (token, head of the group) pair.
struct AttentionTile {
    uint firstToken;       // of the sequence's tokens in this batch
    uint tokenCount;       // of the sequence in this batch
    uint firstRow;         // of this tile, counted within the sequence
    uint blockTableStart;  // where the sequence's block table begins
    uint split;            // of the keys, the one this tile computes, unless it computes all
    uint partials;         // row where the partial results of split 0 begin, or ATTENTION_WHOLE
};

// A tile that computes all splits of its rows.
#define ATTENTION_WHOLE 0xFFFFFFFFu

// Keys that are summed together, from zero, before the sums of several such splits are folded.
#define SPLIT_KEYS 256u

// y[t][h] = softmax(scale * q[t][h] . K) V over the token's own context.
struct PagedAttentionParams {
    uint64_t q;            // float[tokens][qStride], rotated
    uint64_t cache;        // one layer, as RoPEKVWriteParams
    uint64_t blockTables;  // uint[]
    uint64_t tiles;        // AttentionTile[]
    uint64_t positions;    // uint[tokens]; a token sees keys 0 ... its own position
    uint64_t y;            // float[tokens][headCount * headSize]
    uint64_t partials;     // float[split][kvHead][row][headSize sums, highest score, total]
    uint64_t sinks;        // float[headCount], or 0: none
    uint qStride;
    uint headCount;
    uint kvHeadCount;
    uint window;           // a token sees this many keys, itself included; 0: all
    float scale;
    float softCap;         // scores become softCap * tanh(score / softCap); 0: they do not
};

// y[t][i] = act(gateUp[t][i]) * gateUp[t][columns + i], act as the pipeline's constant says.
struct GatedActivationParams {
    uint64_t gateUp;       // float[tokens][2 * columns]
    uint64_t y;            // float[tokens][columns]
    uint columns;
    uint tokenCount;
};

// Each token's experts, the most probable first, and the share each has in the result.
struct RouteExpertsParams {
    uint64_t logits;       // float[tokens][expertCount]
    uint64_t experts;      // uint[tokens][chosenCount]
    uint64_t shares;       // float[tokens][chosenCount]
    uint expertCount;
    uint chosenCount;
};

// The pairs of a token and one of its experts, by expert; pair i is of token i / chosenCount.
struct GroupExpertsParams {
    uint64_t experts;      // uint[pairCount]
    uint64_t counts;       // uint[expertCount]
    uint64_t lists;        // uint[expertCount][listStride]: pairs, in order
    uint pairCount;
    uint expertCount;
    uint listStride;
};

// y[i][r] = sum over k of w[experts[i]][r][k] * x[i / pairsPerRow][k], then bias and activation as
// MatmulParams.
struct MatmulExpertsParams {
    WeightPlanes weights;  // [1, or 2 with an activation][expertCount][rows] rows
    uint64_t x;            // float[][columns]
    uint64_t bias;         // float, as many as the weights have rows
    uint64_t y;            // float[pairCount][rows]
    uint64_t experts;      // uint[pairCount]
    uint64_t counts;       // as GroupExpertsParams, where pairs are grouped
    uint64_t lists;
    uint rows;             // of y
    uint columns;          // of w, a multiple of 32
    uint expertCount;
    uint pairsPerRow;      // pairs that share a row of x
    uint listStride;
};

// y[t] += sum over i of shares[t][i] * x[t * chosenCount + i]
struct CombineExpertsParams {
    uint64_t x;            // float[tokens * chosenCount][columns]
    uint64_t shares;       // float[tokens][chosenCount]
    uint64_t y;            // float[tokens][columns]
    uint columns;
    uint chosenCount;
};

// What an adapter adds to one matrix (LoRA, Hu et al. 2021): b a x, the adapter's scale within b.
struct LoRAFactors {
    uint64_t a;            // float[rank / 8][columns][8 rows]
    uint64_t b;            // float[rows / 8, rounded up][rank][8 rows], zeros past the last row
    uint rank;             // a multiple of 8; 0: the adapter leaves this matrix alone
    uint rows;             // of b
    uint column;           // where in a row of y the results begin
    uint unused;           // alignment
};

// Some tokens of a step that have one adapter: LoRAShrinkParams.tokens[first ...].
struct LoRATile {
    uint first;
    uint count;
    uint slot;             // the adapter's
};

// h[i][m][j] = sum over k of a[j][k] * x[tokens[i]][k], a that of the token's adapter for matrix m.
struct LoRAShrinkParams {
    uint64_t x;            // float[tokens][xStride]
    uint64_t factors;      // LoRAFactors[matrices][slotCount]
    uint64_t tiles;        // LoRATile[]
    uint64_t tokens;       // uint[], those with an adapter, a tile's after each other
    uint64_t h;            // float[tokens with an adapter][hStride]
    uint columns;          // of a, a multiple of 4
    uint xStride;          // a multiple of 4
    uint slotCount;
    uint hStride;          // maxRank for each matrix
    uint maxRank;
};

// y[tokens[i]][column + r] += sum over j of b[r][j] * h[i][m][j], b that of the token's adapter for
// matrix m.
struct LoRAExpandParams {
    uint64_t h;            // as LoRAShrinkParams
    uint64_t factors;
    uint64_t tiles;
    uint64_t tokens;
    uint64_t y;            // float[tokens][yStride]
    uint yStride;
    uint slotCount;
    uint hStride;
    uint maxRank;
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
    uint isEdited;         // 1: logitsRow is a row of the edited logits
    uint maskRow;          // 1 more than its row of masks; 0: every token may be drawn
};

// tokens[i] = a token drawn from logits[rows[i].logitsRow] as rows[i] says.
struct SampleParams {
    uint64_t logits;       // float[][stride]
    uint64_t edited;       // float[][stride], what edit_logits made of them; 0: no row is edited
    uint64_t rows;         // SamplingRow[]
    uint64_t masks;        // uint[][maskStride], a bit a token; 0: no row has one
    uint64_t tokens;       // uint[]
    uint vocabularySize;
    uint stride;
    uint maskStride;
};

// y[i] = x[i]: what moving bytes costs.
struct CopyParams {
    uint64_t x;            // uvec4[quadCount]
    uint64_t y;            // uvec4[quadCount]
    uint quadCount;
};

// y[i] = the sum of chains of v = v * factor + addend: what arithmetic costs.
struct FMAPeakParams {
    uint64_t y;            // float[count]
    uint count;
    uint rounds;
    float factor;
    float addend;
};

// A token whose logit is moved. A row has at most one for each token.
struct LogitEdit {
    uint token;
    uint count;            // times among the output; the top bit: it is in the prompt or the output
    float bias;            // added before the penalties
};

// A token that may not be drawn.
struct TokenBan {
    uint token;
    uint after;            // only where the newest token is this one; all bits set: always
};

// How a row of logits is edited before a token is drawn from it.
struct LogitEditRow {
    uint logitsRow;
    uint editedRow;
    uint maskRow;          // of the masks; all bits set: none
    uint newestRow;        // whose sample is the newest token; all bits set: it is counted
    uint firstEdit;
    uint editCount;
    uint firstBan;
    uint banCount;
    float repetitionPenalty;
    float presencePenalty;
    float frequencyPenalty;
};

// edited[rows[i].editedRow] = logits[rows[i].logitsRow], edited as rows[i] says.
struct EditLogitsParams {
    uint64_t logits;       // float[][stride]
    uint64_t edited;       // float[][stride]
    uint64_t rows;         // LogitEditRow[]
    uint64_t edits;        // LogitEdit[]
    uint64_t bans;         // TokenBan[]
    uint64_t masks;        // uint[][maskStride], a bit for each token that may be drawn
    uint64_t sampled;      // uint[], the previous step's samples
    uint vocabularySize;
    uint stride;
    uint maskStride;
};

// Whose logprobs of a row of logits are wanted.
struct LogprobRow {
    uint logitsRow;
    uint token;            // with the top bit set: tokens[low bits]
    uint topCount;         // the most probable tokens beside it
};

// A token's logprob.
struct Logprob {
    uint token;            // all bits set: there is none
    float logprob;
    uint rank;             // how many tokens are at least as probable
};

// entries[i] = the logprobs rows[i] asks for: of its token, then of the most probable ones.
struct LogprobsParams {
    uint64_t logits;       // float[][stride]
    uint64_t rows;         // LogprobRow[]
    uint64_t tokens;       // uint[], what was sampled
    uint64_t entries;      // Logprob[][entryStride]
    uint vocabularySize;
    uint stride;
    uint entryStride;
};

#endif
