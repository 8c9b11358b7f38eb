// The weight format of this variant: load_block, 32 weights of a row at a time.
//
// Every format says how many bits of a weight are in the plane of quants and in that of high bits:
// LOW_BITS and HIGH_BITS. Formats of floats define load_block themselves, and widen, which makes a
// float of a weight's bits. In all others a weight is a whole number times a scale, less a minimum
// in some; they define INTEGER_WEIGHTS and
//
//     load_quants   the 32 whole numbers, four signed bytes a word, in the order of the weights
//     block_scales  what they are multiplied by, apart for the first and the last 16, given the
//                   bits of the block's scales and super-scales: SCALE_BYTES, SUPER_SCALE_BYTES
//     SCALED_COLUMNS  how many neighbours share a scale: 16, or all 32
//     level         with HAS_LEVELS: the signed byte that a number in the planes stands for
//     QUANT_ZERO    what is taken off the numbers first
//     HAS_MINIMA    whether there is a minimum
//
// and load_block is built from these here. It rounds once, in the subtraction of the minimum: the
// scales have at most 19 significant bits, with the number at most 24, so that their product is
// exact, and fusing the subtraction into it changes nothing.
struct BlockScales {
    vec2 scale;    // of weights 0 to 15 and 16 to 31
    vec2 minimum;
};

#if defined(WEIGHTS_Q4_0)
#include "formats/q4_0.glsl"
#elif defined(WEIGHTS_Q4_1)
#include "formats/q4_1.glsl"
#elif defined(WEIGHTS_Q5_0)
#include "formats/q5_0.glsl"
#elif defined(WEIGHTS_Q5_1)
#include "formats/q5_1.glsl"
#elif defined(WEIGHTS_Q8_0)
#include "formats/q8_0.glsl"
#elif defined(WEIGHTS_Q2_K)
#include "formats/q2_K.glsl"
#elif defined(WEIGHTS_Q3_K)
#include "formats/q3_K.glsl"
#elif defined(WEIGHTS_Q4_K)
#include "formats/q4_K.glsl"
#elif defined(WEIGHTS_Q5_K)
#include "formats/q5_K.glsl"
#elif defined(WEIGHTS_Q6_K)
#include "formats/q6_K.glsl"
#elif defined(WEIGHTS_IQ4_NL)
#include "formats/iq4_nl.glsl"
#elif defined(WEIGHTS_IQ4_XS)
#include "formats/iq4_xs.glsl"
#elif defined(WEIGHTS_MXFP4)
#include "formats/mxfp4.glsl"
#elif defined(WEIGHTS_F16)
#include "formats/f16.glsl"
#elif defined(WEIGHTS_BF16)
#include "formats/bf16.glsl"
#elif defined(WEIGHTS_F32)
#include "formats/f32.glsl"
#endif

#if defined(INTEGER_WEIGHTS)
// The scales of a block, given where they and its super-scales are in their planes.
BlockScales load_scales(const WeightPlanes planes, const uint block, const uint superBlock) {
    return block_scales(
        load_scale_bits(planes.scales, block, SCALE_BYTES),
        load_scale_bits(planes.superScales, superBlock, SUPER_SCALE_BYTES));
}

void load_block(const WeightPlanes planes, const uint block, out float w[32]) {
    uint quants[8];
    load_quants(planes, block, quants);
    const BlockScales scales = load_scales(planes, block, block / 8);
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            const int q = int(quants[i] << (24 - 8 * j)) >> 24;
            w[4 * i + j] = scales.scale[i / 4] * float(q - QUANT_ZERO);
#if HAS_MINIMA
            w[4 * i + j] -= scales.minimum[i / 4];
#endif
        }
    }
}
#endif
