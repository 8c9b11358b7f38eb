// y[t][r] = sum over k of w[r][k] * x[t][k], and what epilogue.glsl adds, by a workgroup's matrices
//
// w: [rows, columns] in one of the formats of include/formats; x, y: see MatmulParams.
// One workgroup computes a tile of ROWS rows of weights by TOKENS tokens, DEPTH columns at a time:
// it unpacks weights into shared memory, and multiplies them, as one cooperative matrix, by
// activations that the device itself loads from memory, rounded to halves by `round_input`. Values
// beyond the range of halves become its ends, not infinities.
//
// Why: with matrices of a whole workgroup (NV_cooperative_matrix2) the driver decides how fragments
// lie in registers and shared memory, and may use units that no subgroup can reach. Unpacked tiles
// alternate between two places, so that one barrier a tile is enough.
// Roofline: the matrix units' rate; the bytes of w for few tokens.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_NV_cooperative_matrix2 : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#include "kernel.glsl"
#include "weights.glsl"
#include "matrix_elements.glsl"

layout(push_constant, scalar) uniform Push { MatmulParams p; };
#include "epilogue.glsl"
layout(constant_id = 2) const uint TOKENS = 64;
layout(constant_id = 6) const uint ROWS = 64;
layout(constant_id = 7) const uint DEPTH = 32;

// Of gate rows, and again of up rows, where there is a gate.
const uint PART_ROWS = ROWS / PARTS;
const uint STRIDE = DEPTH / 8 + 1;  // of a row of the tile, in vectors of eight halves
const uint BLOCKS = DEPTH / 32;
shared uvec4 tiles[2 * ROWS * STRIDE];

#define MATRIX(type, rows, columns, use) coopmat<type, gl_ScopeWorkgroup, rows, columns, use>
#define SUMS MATRIX(float, PART_ROWS, TOKENS, gl_MatrixUseAccumulator)

layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Input { float v; };

float16_t round_input(const Input source, const uint blockIndex[2], const uint inBlock[2]) {
    return float16_t(clamp(source.v, -65504, 65504));
}

// Stores one element of y; a matrix's elements are only met one by one.
float store_element(const uint row, const uint column, const float gate, const float up) {
    const uint outputRow = gl_WorkGroupID.y * PART_ROWS + row;
    const uint token = gl_WorkGroupID.x * TOKENS + column;
    if (outputRow < output_rows() && token < p.tokenCount) {
        float value = gate + bias(outputRow);
        if (IS_GATED) value = activate(value, up + bias(output_rows() + outputRow));
        store_output(token, outputRow, value);
    }
    return gate;
}

void unpack(const uint stage, const uint firstBlock, const uint endBlock) {
    const uint blockCount = p.columns / 32;
    for (uint item = gl_LocalInvocationIndex; item < ROWS * BLOCKS; item += gl_WorkGroupSize.x) {
        const uint row = item / BLOCKS;
        const uint block = firstBlock + item % BLOCKS;
        const uint outputRow = gl_WorkGroupID.y * PART_ROWS + row % PART_ROWS;
        const uint part = row / PART_ROWS * output_rows();
        const uint source = part + min(outputRow, output_rows() - 1);
        float w[32];
        load_block(p.weights, source * blockCount + min(block, endBlock - 1), w);
        const uint at = (stage * ROWS + row) * STRIDE + item % BLOCKS * 4;
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            const vec4 low = vec4(w[8 * i], w[8 * i + 1], w[8 * i + 2], w[8 * i + 3]);
            const vec4 high = vec4(w[8 * i + 4], w[8 * i + 5], w[8 * i + 6], w[8 * i + 7]);
            tiles[at + i] = block < endBlock ? pack_elements(low, high) : uvec4(0);
        }
    }
}

void main() {
    const uint firstBlock = gl_WorkGroupID.z * p.splitBlocks;
    const uint endBlock = min(firstBlock + p.splitBlocks, p.columns / 32);

    // What lies past the last token or the split's last column reads as zero.
    tensorLayoutNV<2, gl_CooperativeMatrixClampModeConstantNV> inputs =
        createTensorLayoutNV(2, gl_CooperativeMatrixClampModeConstantNV);
    inputs = setTensorLayoutDimensionNV(inputs, p.tokenCount, 32 * endBlock);
    inputs = setTensorLayoutStrideNV(inputs, p.xStride, 1);
    const tensorViewNV<2, false, 1, 0> transposed = createTensorViewNV(2, false, 1, 0);

    SUMS sums[PARTS];
    [[unroll]] for (uint part = 0; part < PARTS; ++part) sums[part] = SUMS(0.0);
    uint stage = 0;
    for (uint block = firstBlock; block < endBlock; block += BLOCKS) {
        unpack(stage, block, endBlock);
        barrier();
        MATRIX(float16_t, DEPTH, TOKENS, gl_MatrixUseB) x;
        coopMatLoadTensorNV(
            x, Floats(p.x).v, 0,
            sliceTensorLayoutNV(inputs, gl_WorkGroupID.x * TOKENS, TOKENS, 32 * block, DEPTH),
            transposed, round_input);
        [[unroll]] for (uint part = 0; part < PARTS; ++part) {
            MATRIX(float16_t, PART_ROWS, DEPTH, gl_MatrixUseA) w;
            const uint row = stage * ROWS + part * PART_ROWS;
            coopMatLoad(w, tiles, row * STRIDE, STRIDE, gl_CooperativeMatrixLayoutRowMajor);
            sums[part] = coopMatMulAdd(w, x, sums[part]);
        }
        stage = 1 - stage;
    }
    coopMatPerElementNV(sums[0], sums[0], store_element, sums[PARTS - 1]);
}
