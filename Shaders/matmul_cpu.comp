// y[t][r] = sum over k of w[r][k] * x[t][k], then bias, activation, residual and norm as
// MatmulParams and the constants of include/matmul_cpu say
//
// w: [rows, columns] interleaved by eight (include/interleaved.glsl); x, y: see MatmulParams.
// One workgroup of eight lanes computes GROUPS groups of eight rows, a row a lane, for TOKENS
// tokens, all sums in registers; one of sixteen lanes computes as many pairs of groups.
//
// Why: on lavapipe an invocation is a SIMD lane, and a load from an address that all lanes share is
// one broadcast where a gather costs ten of them. A word holds the weights of all lanes' rows, so
// weights and activations alike are such loads; addresses differ by constants; several groups of
// rows give independent chains of additions. Scales and offsets are applied to sums of columns, for
// which the activations are summed too, or have been (input_sums). The order of additions in a row
// is the same for every TOKENS, GROUPS and TILE, which makes results independent of the batch.
// Roofline: 2 * TOKENS FLOPs a weight; at many tokens bound by multiplications and additions, at
// one by the two operations more that make a float of a weight.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "interleaved.glsl"
#include "matmul_cpu.glsl"

// Blocks that one turn of the loop adds.
layout(constant_id = 10) const uint BLOCK_STEP = 1;

// Tokens whose sums are in registers at once.
layout(constant_id = 11) const uint TILE = 1;

// Quads of columns that are unpacked before any tile is added: where there are several tiles, all
// that share a scale, which are then in the processor's first cache for each tile; else one, so
// that few weights are in registers beside the sums.
const uint RUN = TILE < TOKENS ? PART_QUADS : 1;

uint lane;
LanePlace place;
uint firstToken;
// Where the planes of the groups, and the tokens' activations, begin.
uint64_t low[GROUPS];
uint64_t high[GROUPS];
uint64_t x;

// A lane's weights of four columns of its row of a group.
vec4 load_weights(const uint r, const uint block, const uint quad) {
    const uint64_t at = uint64_t(BANDED_GROUPS) * block;
    const FourColumns words =
        load_columns(low[r] + at * LOW_BYTES, high[r] + at * HIGH_BYTES, quad);
    vec4 w;
    [[unroll]] for (uint j = 0; j < 4; ++j) {
        w[j] = placed_weight(
            low_word(words, j, lane), high_word(words, j, lane), 4 * quad + j, place);
    }
    return w;
}

// Adds the columns of a block to the sums: of RUN quads of columns, all tiles.
void add_block(const uint block) {
    BlockScales scales[GROUPS];
    [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
        scales[r] = placed_scales(
            lane_scales(p.weights, row_group(r), block, BLOCKS, lane), place);
    }
    Floats inputs = Floats(x + 128ul * block);
    [[unroll]] for (uint h = 0; h < SCALE_PARTS; ++h) {
        begin_part();
        [[unroll]] for (uint run = 0; run < PART_QUADS; run += RUN) {
            const uint first = h * PART_QUADS + run;
            vec4 w[RUN * GROUPS];
            [[unroll]] for (uint q = 0; q < RUN; ++q) {
                [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                    w[q * GROUPS + r] = load_weights(r, block, first + q);
                }
            }
            [[unroll]] for (uint tile = 0; tile < TOKENS; tile += TILE) {
                [[unroll]] for (uint q = 0; q < RUN; ++q) {
                    [[unroll]] for (uint j = 0; j < 4; ++j) {
                        [[unroll]] for (uint n = 0; n < TILE; ++n) {
                            const uint t = tile + n;
                            const float input_ = inputs.v[t * COLUMNS + 4 * (first + q) + j];
                            [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                                const uint s = r * TOKENS + t;
                                part[s] = fma(w[q * GROUPS + r][j], input_, part[s]);
                            }
                            if (!SUMS_GIVEN) inputSum[t] += input_;
                        }
                    }
                }
            }
        }
        if (SUMS_GIVEN) {
            Floats given = Floats(p.xSums);
            [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
                inputSum[t] = given.v[
                    (firstToken + t) * (BLOCKS * SCALE_PARTS) + block * SCALE_PARTS + h];
            }
        }
        [[unroll]] for (uint r = 0; r < GROUPS; ++r) end_part(r, scales[r], h);
    }
}

void main() {
    lane = row_lane();
    place = lane_place(lane);
    firstToken = gl_WorkGroupID.y * TOKENS;
    x = p.x + 4ul * firstToken * COLUMNS;
    [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
        const uint64_t first = block_index(row_group(r), 0, BLOCKS);
        low[r] = p.weights.quants + first * LOW_BYTES;
        high[r] = p.weights.highBits + first * HIGH_BYTES;
        [[unroll]] for (uint t = 0; t < TOKENS; ++t) sum[r * TOKENS + t] = 0;
    }
    // The condition comes last: see kernel.glsl on loops. Addresses are computed anew from the
    // block: one carried around the loop would be a vector.
    uint first = 0;
    do {
        [[unroll]] for (uint b = 0; b < BLOCK_STEP; ++b) add_block(first + b);
        first += BLOCK_STEP;
    } while (first < BLOCKS);
    store_sums(lane, firstToken);
    if (NORMALISES) normalise_when_last(firstToken);
}
