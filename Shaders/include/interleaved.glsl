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

// In which of the words of four columns a lane's weight stands, and at which bit.
uint word_at(const uint bits, const uint column, const uint lane) {
    return bits * column / 4 + (bits > 4 ? bits * lane / 32 : 0);
}
uint bit_at(const uint bits, const uint column, const uint lane) {
    return 8 * bits * column % 32 + bits * (bits > 4 ? lane % (32 / bits) : lane);
}

// A lane's weight in a column, of the words it stands in.
float unpack(
    const uint low, const uint high, const uint column, const uint lane, const BlockScales scales
) {
    const uint shift = bit_at(LOW_BITS, column % 4, lane);
#if !defined(INTEGER_WEIGHTS)
    return widen(low >> shift);
#else
#if LOW_BITS == 8
    const int q = int(low << (24 - shift)) >> 24;
#else
    uint code = (low >> shift) & ((1u << LOW_BITS) - 1);
#if HIGH_BITS > 0
    const uint above = high >> bit_at(HIGH_BITS, column % 4, lane);
    code |= (above & ((1u << HIGH_BITS) - 1)) << LOW_BITS;
#endif
#if defined(HAS_LEVELS)
    const int q = int(level(code) << 24) >> 24;
#else
    const int q = int(code);
#endif
#endif
    const float scale = scales.scale[column / 16];
    const float number = float(q - QUANT_ZERO);
#if HAS_MINIMA
    return fma(scale, number, -scales.minimum[column / 16]);
#else
    return scale * number;
#endif
#endif
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
