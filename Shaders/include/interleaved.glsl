// Weights whose rows stand interleaved by eight, for kernels that give each row of a group a lane.
//
// A plane of n bits a weight is an array of n-bit numbers, the first in the lowest bits:
//
//     quants, highBits   [rows / 32][columns / 32][4 groups][32 columns][8 rows]
//     scales             [rows / 32][columns / 32][32 rows]
//     superScales        [rows / 32][columns / 256][32 rows]
//
// so that the weights of a group's four columns stand in as many words as a weight has bits. Rows
// are padded with zeros to a multiple of 32: a workgroup of four groups reads one stream, which the
// processor's prefetcher follows. What the numbers mean is said in include/formats.
#include "weights.glsl"

const uint GROUP_ROWS = 8;
// Groups that stand together, block after block.
const uint BANDED_GROUPS = 4;
// Bytes of a group's planes in a block of 32 columns.
const uint LOW_BYTES = 32 * LOW_BITS;
const uint HIGH_BYTES = 32 * HIGH_BITS;

// Where a block of a group stands, in blocks; the group's next block is BANDED_GROUPS on.
uint block_index(const uint group, const uint block, const uint blockCount) {
    return (group / BANDED_GROUPS * blockCount + block) * BANDED_GROUPS + group % BANDED_GROUPS;
}

// The scales of a lane's row in a block.
BlockScales lane_scales(
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

// In which of the words of four columns a lane's number stands.
uint word_at(const uint bits, const uint column, const uint lane) {
    return bits * column / 4 + (bits > 4 ? bits * lane / 32 : 0);
}

// From which bit on: for all lanes, and then for each.
uint bit_at(const uint bits, const uint column) { return 8 * bits * column % 32; }
uint lane_bit(const uint bits, const uint lane) {
    return bits * (bits > 4 ? lane % (32 / bits) : lane);
}

// A lane's number in a column, of the words its parts stand in.
#if defined(INTEGER_WEIGHTS)
int number(const uint low, const uint high, const uint column, const uint lane) {
    const uint shift = bit_at(LOW_BITS, column % 4) + lane_bit(LOW_BITS, lane);
#if LOW_BITS == 8
    return int(low << (24 - shift)) >> 24;
#else
    uint code = (low >> shift) & ((1u << LOW_BITS) - 1);
#if HIGH_BITS > 0
    // Shifted to above the low bits at once.
    const uint first = bit_at(HIGH_BITS, column % 4);
    const uint above = first < LOW_BITS
        ? high << (LOW_BITS - first) >> lane_bit(HIGH_BITS, lane)
        : high >> (first - LOW_BITS + lane_bit(HIGH_BITS, lane));
    code |= above & (((1u << HIGH_BITS) - 1) << LOW_BITS);
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
    return widen(low >> lane_bit(LOW_BITS, lane));
#else
    const int q = number(low, high, column, lane) - QUANT_ZERO;
#if HAS_MINIMA
    return fma(scales.scale[column / 16], float(q), -scales.minimum[column / 16]);
#else
    return scales.scale[column / 16] * float(q);
#endif
#endif
}

// The same in one operation less, but that a zero may lose its sign: with scales whose minima are
// zero's place too. Both products are exact, and so is their difference.
float folded_weight(
    const uint low, const uint high, const uint column, const uint lane, const BlockScales folded
) {
#if !defined(INTEGER_WEIGHTS)
    return widen(low >> lane_bit(LOW_BITS, lane));
#else
    const float q = float(number(low, high, column, lane));
    const float scale = folded.scale[column / 16];
    return HAS_MINIMA == 0 && QUANT_ZERO == 0
        ? scale * q : fma(scale, q, -folded.minimum[column / 16]);
#endif
}

BlockScales fold_zero(BlockScales scales) {
#if defined(INTEGER_WEIGHTS)
    if (QUANT_ZERO != 0) scales.minimum = float(QUANT_ZERO) * scales.scale;
#endif
    return scales;
}

// The words of four columns of a group.
struct FourColumns {
    uint low[LOW_BITS];
    uint high[HIGH_BITS > 0 ? HIGH_BITS : 1];
};

// The word in which a lane's weight of a column stands.
uint low_word(const FourColumns words, const uint column, const uint lane) {
    const uint first = word_at(LOW_BITS, column, 0);
    uint word = words.low[first];
    [[unroll]] for (uint n = 1; n < LOW_BITS / 4; ++n) {
        word = lane * LOW_BITS / 32 == n ? words.low[first + n] : word;
    }
    return word;
}
uint high_word(const FourColumns words, const uint column) {
    return words.high[word_at(HIGH_BITS, column, 0)];
}

// Four columns of a group's planes.
FourColumns load_columns(const uint64_t low, const uint64_t high, const uint quad) {
    FourColumns words;
#if LOW_BITS == 2
    const uvec2 pair = Word2s(low).v[quad];
    [[unroll]] for (uint n = 0; n < 2; ++n) words.low[n] = pair[n];
#else
    [[unroll]] for (uint n = 0; n < LOW_BITS; n += 4) {
        const uvec4 four = Word4s(low).v[(LOW_BITS * quad + n) / 4];
        [[unroll]] for (uint m = 0; m < 4; ++m) words.low[n + m] = four[m];
    }
#endif
    [[unroll]] for (uint n = 0; n < HIGH_BITS; ++n) {
        words.high[n] = Words(high).v[HIGH_BITS * quad + n];
    }
    return words;
}
