// Weights whose rows stand interleaved by eight, for kernels that give each row of a group a lane.
//
// A plane of n bits a weight is an array of n-bit numbers, the first in the lowest bits:
//
//     quants, highBits   [rows / 32][columns / 32][4 groups][32 columns][8 rows]
//     from 8 bits on     [rows / 32][columns / 32][4 groups][n words][8 rows][32 / n columns]
//     scales             [rows / 32][columns / 32][32 rows]
//     superScales        [rows / 32][columns / 256][32 rows]
//
// so that the weights of a group's four columns stand in as many words as a weight has bits, and a
// word has numbers of all lanes or, from 8 bits on, of one. Rows are padded with zeros to a
// multiple of 32: a workgroup of four groups reads one stream, which the processor's prefetcher
// follows.
//
// What the numbers mean is said in include/formats, but for two things: bytes are 128 more than
// there, so that no number is negative; and a nibble in the highest bits of its word is less by 8,
// and negative if it was in the lower half. A mask alone then makes an integer of any lane's number
// where it stands: see placed_weight.
#include "weights.glsl"

const uint GROUP_ROWS = 8;
// Groups that stand together, block after block.
const uint BANDED_GROUPS = 4;
// Groups of which a workgroup's lanes have a row each: one, or an even one and the next, which
// stand side by side. Where lanes are said to load from one address, it is one for each of them.
const uint SIDES = gl_WorkGroupSize.x > GROUP_ROWS ? 2 : 1;
const uint SIDES_MAX = 2;
// Bytes of a group's planes in a block of 32 columns.
const uint LOW_BYTES = 32 * LOW_BITS;
const uint HIGH_BYTES = 32 * HIGH_BITS;
// What makes numbers as in include/formats of a word.
const uint FLIPPED = LOW_BITS == 4 ? 0x80000000u : LOW_BITS == 8 ? 0x80808080u : 0;

#if defined(INTEGER_WEIGHTS) && !defined(HAS_LEVELS)
// A weight is a scale times a number, less an offset.
#define HAS_OFFSETS
#endif
#if !defined(SCALED_COLUMNS)
#define SCALED_COLUMNS 32
#endif

// The row of its groups that is this invocation's: a number the compiler knows, where it can.
uint row_lane() {
    return SUBGROUP_SIZE < GROUP_ROWS ? gl_LocalInvocationIndex : gl_SubgroupInvocationID;
}

// Where a block of a group stands, in blocks; the group's next block is BANDED_GROUPS on.
uint block_index(const uint group, const uint block, const uint blockCount) {
    return (group / BANDED_GROUPS * blockCount + block) * BANDED_GROUPS + group % BANDED_GROUPS;
}

// The scales of a row in a block.
BlockScales row_scales(
    const WeightPlanes planes, const uint group, const uint block, const uint blockCount,
    const uint lane
) {
#if defined(INTEGER_WEIGHTS)
    return load_scales(
        planes, block_index(group, block, blockCount) * GROUP_ROWS + lane,
        block_index(group, block / 8, blockCount / 8) * GROUP_ROWS + lane);
#else
    return BlockScales(vec2(0), vec2(0));
#endif
}

// The number of `byteCount` bytes that a plane has for each row of a group and of the group beside
// it, each lane its row's: a choice among words that all lanes load. lavapipe's compiler makes one
// vector load of it, where a load at each lane's own address costs it sixty cycles.
uint lane_scale_bits(
    const uint64_t plane, const uint groupIndex, const uint byteCount, const uint lane
) {
    if (byteCount == 0) return 0;
    uint word = 0;
    if (byteCount * SIDES == 1) {
        const uvec2 two = Word2s(plane).v[groupIndex];
        word = lane < 4 ? two.x : two.y;
    } else {
        [[unroll]] for (uint n = 0; n < byteCount * SIDES; n += 2) {
            const uvec4 four = Word4s(plane).v[(byteCount * groupIndex + n) / 2];
            [[unroll]] for (uint m = 0; m < 4; ++m) {
                word = lane * byteCount / 4 == 2 * n + m ? four[m] : word;
            }
        }
    }
    if (byteCount == 4) return word;
    const uint each = 4 / byteCount;
    return (word >> (8 * byteCount * (lane % each))) & ((1u << (8 * byteCount)) - 1);
}

// The scales of all rows of a group and those beside it in a block, each lane its row's.
BlockScales lane_scales(
    const WeightPlanes planes, const uint group, const uint block, const uint blockCount,
    const uint lane
) {
#if defined(INTEGER_WEIGHTS)
    return block_scales(
        lane_scale_bits(
            planes.scales, block_index(group, block, blockCount), SCALE_BYTES, lane),
        lane_scale_bits(
            planes.superScales, block_index(group, block / 8, blockCount / 8), SUPER_SCALE_BYTES,
            lane));
#else
    return BlockScales(vec2(0), vec2(0));
#endif
}

// In which of a block's words a lane's number stands.
uint word_at(const uint bits, const uint column, const uint lane) {
    return bits < 8 ? bits * column / 4 : bits * column / 32 * GROUP_ROWS + lane;
}

// From which bit on: for all lanes, and then for each.
uint bit_at(const uint bits, const uint column) {
    return (bits < 8 ? GROUP_ROWS : 1) * bits * column % 32;
}
uint lane_bit(const uint bits, const uint lane) { return bits < 8 ? bits * lane : 0; }

// A lane's number in a column, of the words its parts stand in.
#if defined(INTEGER_WEIGHTS)
int number(uint low, const uint high, const uint column, const uint lane) {
    low ^= FLIPPED;
    const uint shift = bit_at(LOW_BITS, column % 4) + lane_bit(LOW_BITS, lane);
#if LOW_BITS == 8
    return int(low << (24 - shift)) >> 24;
#else
    uint code = (low >> shift) & ((1u << LOW_BITS) - 1);
#if HIGH_BITS > 0
    const uint above = high >> (bit_at(HIGH_BITS, column % 4) + lane_bit(HIGH_BITS, lane));
    code |= (above & ((1u << HIGH_BITS) - 1)) << LOW_BITS;
#endif
#if defined(HAS_LEVELS)
    return int(level(code) << 24) >> 24;
#else
    return int(code);
#endif
#endif
}
#endif

// A lane's weight, to the bit.
float exact_weight(
    const uint low, const uint high, const uint column, const uint lane, const BlockScales scales
) {
#if !defined(INTEGER_WEIGHTS)
    return widen(low >> bit_at(LOW_BITS, column % 4));
#else
    const int q = number(low, high, column, lane) - QUANT_ZERO;
#if HAS_MINIMA
    return fma(scales.scale[column / 16], float(q), -scales.minimum[column / 16]);
#else
    return scales.scale[column / 16] * float(q);
#endif
#endif
}

// 2 to the n.
float power_of_two(const int n) { return uintBitsToFloat(uint(127 + n) << 23); }

// How far a word is shifted, for all lanes alike, before a lane's number in a column is taken from
// where it stands: no number may stand in the highest bits but those that are less by half.
uint lowered(const uint bits, const uint column) {
    return bits < 4 && bit_at(bits, column % 4) + 8 * bits == 32 ? 1 : 0;
}

// Where a lane's numbers stand.
struct LanePlace {
    uint lane;
    // Of the lowest number of a word of each plane.
    uint low;
    uint high;
    // What makes the lowest number of the plane of low bits, as an integer where it stands, one.
    float scale;
    // What is taken off the numbers.
    float zero;
};

LanePlace lane_place(const uint lane) {
    LanePlace place;
    place.lane = lane % GROUP_ROWS;
    place.low = lane_bit(LOW_BITS, place.lane);
    place.high = lane_bit(HIGH_BITS, place.lane);
    place.scale = 1;
    place.zero = 0;
#if defined(HAS_OFFSETS)
    place.scale = power_of_two(-int(place.low));
    place.zero = float(QUANT_ZERO + (LOW_BITS == 8 ? 128 : 0));
    if (LOW_BITS == 4 && place.low == 28) place.zero -= 8;
#endif
    return place;
}

// A lane's number in a column, before `scale` and `zero` of its place; of formats of floats, and of
// levels, the float itself. Every operation is exact.
//
// Why: a shift by another number of bits for each lane is the slowest operation of processors that
// have it at all; the scales of a block make up for the place once for all its numbers.
float placed_weight(
    const uint low, const uint high, const uint column, const LanePlace place
) {
#if !defined(INTEGER_WEIGHTS)
    return widen(low >> bit_at(LOW_BITS, column % 4));
#elif defined(HAS_LEVELS)
    return float(number(low, high, column, place.lane));
#elif LOW_BITS == 8
    return float((low >> bit_at(8, column % 4)) & 0xFFu);
#else
    const uint lowBit = bit_at(LOW_BITS, column % 4) - lowered(LOW_BITS, column);
    const uint lowMask = ((1u << LOW_BITS) - 1) << place.low << lowBit;
    float q = float(int((low >> lowered(LOW_BITS, column)) & lowMask));
    if (lowBit > 0) q *= power_of_two(-int(lowBit));
#if HIGH_BITS > 0
    const uint highBit = bit_at(HIGH_BITS, column % 4) - lowered(HIGH_BITS, column);
    const uint highMask = ((1u << HIGH_BITS) - 1) << place.high << highBit;
    const float above = float(int((high >> lowered(HIGH_BITS, column)) & highMask));
    q = fma(
        above, power_of_two(LOW_BITS + int(place.low) - int(place.high) - int(highBit)), q);
#endif
    return q;
#endif
}

// Scales for placed weights, with minima that are zero's place too.
BlockScales placed_scales(BlockScales scales, const LanePlace place) {
#if defined(HAS_OFFSETS)
    scales.minimum = fma(vec2(place.zero), scales.scale, scales.minimum);
    scales.scale *= place.scale;
#endif
    return scales;
}

// The words of four columns of a group, and of the group beside it.
struct FourColumns {
    uint low[SIDES_MAX * LOW_BITS];
    uint high[SIDES_MAX * (HIGH_BITS > 0 ? HIGH_BITS : 1)];
};

// The word in which a lane's weight of a column stands: as lane_scale_bits, where lanes have words
// of their own.
uint low_word(const FourColumns words, const uint column, const uint lane) {
    const uint first = word_at(LOW_BITS, column, 0);
    uint word = words.low[first];
#if LOW_BITS >= 8
    [[unroll]] for (uint n = 1; n < GROUP_ROWS; ++n) {
        word = lane == n ? words.low[first + n] : word;
    }
    if (SIDES > 1) {
        [[unroll]] for (uint n = 0; n < GROUP_ROWS; ++n) {
            word = lane == GROUP_ROWS + n ? words.low[LOW_BITS + first + n] : word;
        }
    }
#else
    if (SIDES > 1) word = lane < GROUP_ROWS ? word : words.low[LOW_BITS + first];
#endif
    return word;
}
uint high_word(const FourColumns words, const uint column, const uint lane) {
    const uint first = word_at(HIGH_BITS, column, 0);
    if (SIDES == 1 || lane < GROUP_ROWS) return words.high[first];
    return words.high[HIGH_BITS + first];
}

// Four columns of the planes of a group and the one beside it.
FourColumns load_columns(const uint64_t low, const uint64_t high, const uint quad) {
    FourColumns words;
    [[unroll]] for (uint side = 0; side < SIDES; ++side) {
        const uint64_t lowSide = low + side * LOW_BYTES;
        const uint64_t highSide = high + side * HIGH_BYTES;
#if LOW_BITS == 2
        const uvec2 pair = Word2s(lowSide).v[quad];
        [[unroll]] for (uint n = 0; n < 2; ++n) words.low[side * LOW_BITS + n] = pair[n];
#else
        [[unroll]] for (uint n = 0; n < LOW_BITS; n += 4) {
            const uvec4 four = Word4s(lowSide).v[(LOW_BITS * quad + n) / 4];
            [[unroll]] for (uint m = 0; m < 4; ++m) words.low[side * LOW_BITS + n + m] = four[m];
        }
#endif
        [[unroll]] for (uint n = 0; n < HIGH_BITS; ++n) {
            words.high[side * HIGH_BITS + n] = Words(highSide).v[HIGH_BITS * quad + n];
        }
    }
    return words;
}
