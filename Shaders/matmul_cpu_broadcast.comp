// y[t][r] = sum over k of w[r][k] * x[t][k], bit for bit as matmul_cpu
//
// w: [rows, columns] interleaved by eight (include/interleaved.glsl); x, y: see MatmulParams.
// One workgroup of eight lanes computes GROUPS groups of eight rows, a row a lane, for TOKENS
// tokens: each lane loads a word of the weights and a float of each token, and the lanes then show
// each other what they have. One of sixteen lanes computes as many pairs of groups.
//
// Why: Mesa before 26 loads from an address all lanes share as it does from any other, lane by
// lane, and so eight times the same. Here every lane's load counts, and a broadcast from a known
// lane is a shuffle.
// Roofline: as matmul_cpu, with a shuffle for each weight and activation.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_ballot : require
#include "kernel.glsl"
#include "interleaved.glsl"
#include "matmul_cpu.glsl"

// The lanes of a subgroup that share a group of rows.
const uint LANES = SUBGROUP_SIZE < GROUP_ROWS ? SUBGROUP_SIZE : GROUP_ROWS;
// Loads that bring eight columns of a row of activations.
const uint LOADS = GROUP_ROWS / LANES;
// Words, and loads, that bring eight columns of a plane of a group. Words of one row go to its lane
// at once.
const bool OWN_WORDS = LOW_BITS >= 8;
const uint LOW_WORDS = 2 * LOW_BITS;
const uint LOW_STEP = OWN_WORDS ? GROUP_ROWS : LANES;
const uint LOW_LOADS = (LOW_WORDS + LOW_STEP - 1) / LOW_STEP;
const uint HIGH_WORDS = 2 * HIGH_BITS;
const uint HIGH_LOADS = HIGH_BITS > 0 ? (HIGH_WORDS + LANES - 1) / LANES : 1;

// Tokens whose sums are in registers at once.
layout(constant_id = 11) const uint TILE = 1;

uint lane;
// The lane's number among those that share a group of rows, and which of a pair of groups it is.
uint source;
uint side;
LanePlace place;
uint firstToken;

// What the n-th lane of each group has, to the group's lanes.
uint shown(const uint word, const uint n) {
    const uint first = subgroupBroadcast(word, n);
    if (SIDES == 1) return first;
    // A lane that a narrower subgroup has too: where sides are two, it is the other's.
    const uint second = subgroupBroadcast(word, (n + GROUP_ROWS) % SUBGROUP_SIZE);
    return side == 0 ? first : second;
}

// Each lane's row's weights of eight columns of a group, the i-th eight of a block.
void load_weights(const uint r, const uint block, const uint i, out float w[8]) {
    const uint64_t at = block_index(row_group(r), block, BLOCKS) + side;
    Words quants = Words(p.weights.quants + at * LOW_BYTES + 4 * LOW_WORDS * i);
    Words highBits = Words(p.weights.highBits + at * HIGH_BYTES + 4 * HIGH_WORDS * i);
    uint low[LOW_LOADS];
    uint high[HIGH_LOADS];
    [[unroll]] for (uint n = 0; n < LOW_LOADS; ++n) {
        const uint at = n * LOW_STEP + (OWN_WORDS ? lane % GROUP_ROWS : source);
        low[n] = quants.v[min(at, LOW_WORDS - 1)];
    }
    if (HIGH_BITS > 0) {
        [[unroll]] for (uint n = 0; n < HIGH_LOADS; ++n) {
            high[n] = highBits.v[min(n * LANES + source, HIGH_WORDS - 1)];
        }
    }
    [[unroll]] for (uint j = 0; j < 8; ++j) {
        uint lowWord = low[LOW_BITS * j / 32];
        if (!OWN_WORDS) {
            const uint at = word_at(LOW_BITS, j, 0);
            lowWord = shown(low[at / LANES], at % LANES);
        }
        uint highWord = 0;
        if (HIGH_BITS > 0) {
            const uint at = word_at(HIGH_BITS, j, 0);
            highWord = shown(high[at / LANES], at % LANES);
        }
        w[j] = placed_weight(lowWord, highWord, 8 * i + j, place);
    }
}

// The sums of the activations of a part of a block, where they are given: a token's a lane.
void load_input_sums(const uint block, const uint h) {
    Floats given = Floats(p.xSums);
    [[unroll]] for (uint first = 0; first < TOKENS; first += LANES) {
        const uint token = firstToken + min(first + source, TOKENS - 1);
        const float own = given.v[token * (BLOCKS * SCALE_PARTS) + block * SCALE_PARTS + h];
        [[unroll]] for (uint n = 0; n < LANES; ++n) {
            if (first + n < TOKENS) inputSum[first + n] = subgroupBroadcast(own, n);
        }
    }
}

// Adds the i-th eight columns of a block to the sums of its part.
void add_columns(const uint block, const uint i) {
    float w[GROUPS * 8];
    [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
        float own[8];
        load_weights(r, block, i, own);
        [[unroll]] for (uint j = 0; j < 8; ++j) w[r * 8 + j] = own[j];
    }
    [[unroll]] for (uint tile = 0; tile < TOKENS; tile += TILE) {
        float inputs[TILE * LOADS];
        [[unroll]] for (uint n = 0; n < TILE; ++n) {
            const uint token = firstToken + tile + n;
            Floats x = Floats(p.x + 4ul * (token * COLUMNS + 32 * block + 8 * i));
            [[unroll]] for (uint m = 0; m < LOADS; ++m) {
                inputs[n * LOADS + m] = x.v[m * LANES + source];
            }
        }
        [[unroll]] for (uint j = 0; j < 8; ++j) {
            [[unroll]] for (uint n = 0; n < TILE; ++n) {
                const uint t = tile + n;
                const float input_ =
                    subgroupBroadcast(inputs[n * LOADS + j / LANES], j % LANES);
                [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
                    part[r * TOKENS + t] = fma(w[r * 8 + j], input_, part[r * TOKENS + t]);
                }
                if (!SUMS_GIVEN) inputSum[t] += input_;
            }
        }
    }
}

void main() {
    lane = gl_LocalInvocationIndex;
    source = gl_SubgroupInvocationID % LANES;
    side = lane / GROUP_ROWS;
    place = lane_place(lane);
    firstToken = gl_WorkGroupID.y * TOKENS;
    [[unroll]] for (uint s = 0; s < GROUPS * TOKENS; ++s) sum[s] = 0;
    uint block = 0;
    do {
        BlockScales scales[GROUPS];
        [[unroll]] for (uint r = 0; r < GROUPS; ++r) {
            scales[r] = placed_scales(
                row_scales(p.weights, row_group(r), block, BLOCKS, lane), place);
        }
        [[unroll]] for (uint h = 0; h < SCALE_PARTS; ++h) {
            begin_part();
            [[unroll]] for (uint n = 0; n < PART_QUADS / 2; ++n) {
                add_columns(block, h * (PART_QUADS / 2) + n);
            }
            if (SUMS_GIVEN) load_input_sums(block, h);
            [[unroll]] for (uint r = 0; r < GROUPS; ++r) end_part(r, scales[r], h);
        }
    } while (++block < BLOCKS);
    store_sums(lane, firstToken);
    if (NORMALISES) normalise_when_last(firstToken);
}
