// Weights whose rows stand interleaved by eight, for kernels that give each row of a group a lane:
// quants: uint[rows / 32][columns / 32][4 groups][32 columns][WORDS], the WORDS words of a column
// holding the weights of a group's eight rows in order. Rows are padded with zeros to a multiple of
// 32. A workgroup of four groups so reads one stream, which the processor's prefetcher follows.
//
// Each format says WORDS, reads the scales of a lane's row in a block of 32 columns, and unpacks a
// row's weight from the word it stands in.
#if defined(WEIGHTS_Q4_1)
#include "interleaved/q4_1.glsl"
#elif defined(WEIGHTS_Q8_0)
#include "interleaved/q8_0.glsl"
#elif defined(WEIGHTS_F16)
#include "interleaved/f16.glsl"
#elif defined(WEIGHTS_BF16)
#include "interleaved/bf16.glsl"
#elif defined(WEIGHTS_F32)
#include "interleaved/f32.glsl"
#endif

const uint GROUP_ROWS = 8;
// Bytes of a group's quants in a block of 32 columns.
const uint BLOCK_BYTES = 128 * WORDS;
// Groups that stand together, block after block.
const uint BANDED_GROUPS = 4;

// Where a block of a group stands, in blocks; the group's next block is BANDED_GROUPS on.
uint block_index(const uint group, const uint block, const uint blockCount) {
    return (group / BANDED_GROUPS * blockCount + block) * BANDED_GROUPS + group % BANDED_GROUPS;
}

// The word of a column in which a lane's row stands.
uint word_of(const uint lane, const uint words[WORDS]) {
    uint word = words[0];
    [[unroll]] for (uint n = 1; n < WORDS; ++n) {
        word = lane * WORDS / GROUP_ROWS == n ? words[n] : word;
    }
    return word;
}
