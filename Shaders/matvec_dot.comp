// y[t][r] = sum over k of w[r][k] * x[t][k], and what epilogue.glsl adds, for few tokens whose
// activations are bytes
//
// w: [rows, columns] in a format of include/formats whose weights are whole numbers with scales; x:
// as quantize.comp writes it; y: see MatmulParams.
// One subgroup computes ROWS rows of y for COLUMNS tokens: its lanes take blocks of 32 weights in
// turn, four products an instruction, and their sums meet in one subgroup addition.
//
// Why: beyond one token the arithmetic of matvec_gpu, unpacking above all, takes longer than the
// weights take to arrive. Here a block costs eight dot products and a few operations on its scales
// a token. The price is the rounding of activations to 8 bits.
// Roofline: the bytes of w over the memory's bandwidth.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_integer_dot_product : require
#include "kernel.glsl"
#include "weights.glsl"

layout(push_constant, scalar) uniform Push { MatmulParams p; };
#include "epilogue.glsl"
layout(constant_id = 2) const uint COLUMNS = 1;
layout(constant_id = 6) const uint ROWS = 1;
const uint WEIGHT_ROWS = PARTS * ROWS;

BUFFER(ScaledSums, uvec2, 8);

uint output_row(const uint row) {
    return (gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID) * ROWS + row;
}

// The dot product of a block with as many activations, which it also returns the sums of.
float dot_block(
    const uint weights[8], const BlockScales scales, const uint inputs[8], const uvec2 scaledSums
) {
    int left = 0;
    int right = 0;
    [[unroll]] for (uint i = 0; i < 4; ++i) {
        left += dotPacked4x8EXT(int(weights[i]), int(inputs[i]));
        right += dotPacked4x8EXT(int(weights[4 + i]), int(inputs[4 + i]));
    }
    // Of the activations of each half, as signed 16-bit numbers.
    const ivec2 sums = ivec2(int(scaledSums.y << 16), int(scaledSums.y)) >> 16;
    float result = dot(scales.scale, vec2(ivec2(left, right) - QUANT_ZERO * sums));
#if HAS_MINIMA
    result -= dot(scales.minimum, vec2(sums));
#endif
    return uintBitsToFloat(scaledSums.x) * result;
}

void main() {
    const uint rowCount = output_rows();
    const uint blockCount = p.columns / 32;
    const uint firstToken = gl_WorkGroupID.y * COLUMNS;

    uint firstBlock[WEIGHT_ROWS];
    float sum[WEIGHT_ROWS * COLUMNS];
    [[unroll]] for (uint r = 0; r < WEIGHT_ROWS; ++r) {
        const uint row = min(output_row(r % ROWS), rowCount - 1);
        firstBlock[r] = (r / ROWS * rowCount + row) * blockCount;
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) sum[r * COLUMNS + c] = 0;
    }
    for (uint block = gl_SubgroupInvocationID; block < blockCount; block += gl_SubgroupSize) {
        uint weights[WEIGHT_ROWS][8];
        BlockScales scales[WEIGHT_ROWS];
        [[unroll]] for (uint r = 0; r < WEIGHT_ROWS; ++r) {
            const uint at = firstBlock[r] + block;
            load_quants(p.weights, at, weights[r]);
            scales[r] = load_scales(p.weights, at, at / 8);
        }
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) {
            const uint token = min(firstToken + c, p.tokenCount - 1);
            const uint at = token * blockCount + block;
            uint inputs[8];
            [[unroll]] for (uint part = 0; part < 2; ++part) {
                const uvec4 words = Word4s(p.x).v[2 * at + part];
                [[unroll]] for (uint i = 0; i < 4; ++i) inputs[4 * part + i] = words[i];
            }
            const uvec2 scaledSums = ScaledSums(p.xSums).v[at];
            [[unroll]] for (uint r = 0; r < WEIGHT_ROWS; ++r) {
                sum[r * COLUMNS + c] += dot_block(weights[r], scales[r], inputs, scaledSums);
            }
        }
    }
    [[unroll]] for (uint i = 0; i < WEIGHT_ROWS * COLUMNS; ++i) sum[i] = subgroupAdd(sum[i]);
    if (!subgroupElect()) return;
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        const uint row = output_row(r);
        if (row >= rowCount) return;
        [[unroll]] for (uint c = 0; c < COLUMNS; ++c) {
            float value = sum[r * COLUMNS + c] + bias(row);
            if (IS_GATED) {
                const uint up = (PARTS - 1) * ROWS + r;
                value = activate(value, sum[up * COLUMNS + c] + bias(rowCount + row));
            }
            if (firstToken + c < p.tokenCount) store_output(firstToken + c, row, value);
        }
    }
}
