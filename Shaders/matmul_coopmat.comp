// y[t][r] = sum over k of w[r][k] * x[t][k], and what epilogue.glsl adds, by cooperative matrices
//
// w: [rows, columns] in one of the formats of include/formats; x, y: see MatmulParams.
// One workgroup computes a tile of ROWS rows of weights by TOKENS tokens, DEPTH columns at a time:
// its invocations unpack weights and round activations to 16 bits in shared memory, and each of its
// subgroups multiplies SUBGROUP_ROWS by SUBGROUP_TOKENS of the tile in matrices of M x K and K x N,
// with sums in 32 bits. Values beyond the range of halves become its ends, not infinities.
//
// Why: matrix units do an order of magnitude more than the FMAs of matmul_gpu, if shared memory
// keeps up: M x N fragments are multiplied for M + N loads. The next columns are fetched into
// registers while these are multiplied, and rows are padded by 16 bytes against bank conflicts.
// Token tiles come first in the grid, so that those running at once share weights in the cache.
// Roofline: the matrix units' rate; the bytes of w for few tokens.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#if defined(MATRIX_BF16)
#extension GL_EXT_bfloat16 : require
#else
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#endif
#include "kernel.glsl"
#include "weights.glsl"

layout(push_constant, scalar) uniform Push { MatmulParams p; };
#include "epilogue.glsl"
layout(constant_id = 2) const uint TOKENS = 32;
layout(constant_id = 6) const uint ROWS = 32;
layout(constant_id = 7) const uint DEPTH = 32;
layout(constant_id = 8) const uint M = 8;
layout(constant_id = 9) const uint N = 8;
layout(constant_id = 10) const uint K = 8;
layout(constant_id = 11) const uint SUBGROUP_ROWS = 16;
layout(constant_id = 12) const uint SUBGROUP_TOKENS = 16;
layout(constant_id = 13) const uint STAGES = 1;  // tiles in shared memory, one or two

const uint ROW_SUBGROUPS = ROWS / SUBGROUP_ROWS;
const uint SUBGROUPS = ROW_SUBGROUPS * (TOKENS / SUBGROUP_TOKENS);
const uint INVOCATIONS = SUBGROUPS * SUBGROUP_SIZE;
const uint ROW_FRAGMENTS = SUBGROUP_ROWS / M;
const uint TOKEN_FRAGMENTS = SUBGROUP_TOKENS / N;

// Tiles in vectors of eight elements, a row after the other with one vector of padding.
const uint STRIDE = DEPTH / 8 + 1;
const uint BLOCKS = DEPTH / 32;
const uint WEIGHT_STEPS = (ROWS * BLOCKS + INVOCATIONS - 1) / INVOCATIONS;
const uint INPUT_STEPS = (TOKENS * BLOCKS * 4 + INVOCATIONS - 1) / INVOCATIONS;
const uint INPUT_TILE = STAGES * ROWS * STRIDE;
const uint TILES = INPUT_TILE + STAGES * TOKENS * STRIDE;
const uint OUTPUTS = PARTS * M * N / 4;  // of a subgroup, in vectors of four, where tiles were
shared uvec4 tiles[TILES > SUBGROUPS * OUTPUTS ? TILES : SUBGROUPS * OUTPUTS];

#include "matrix_elements.glsl"
#define MATRIX(type, rows, columns, use) coopmat<type, gl_ScopeSubgroup, rows, columns, use>
#define SUMS MATRIX(float, M, N, gl_MatrixUseAccumulator)

// What this invocation has on the way to the tiles.
uvec4 fetchedWeights[4 * WEIGHT_STEPS];
uvec4 fetchedInputs[INPUT_STEPS];

// M rows of the tile are neighbours; where there is a gate, gate and up rows take turns.
uint output_row(const uint row) {
    return gl_WorkGroupID.y * (ROWS / PARTS) + row / M / PARTS * M + row % M;
}

void fetch(const uint firstBlock, const uint endBlock) {
    const uint blockCount = p.columns / 32;
    [[unroll]] for (uint step = 0; step < WEIGHT_STEPS; ++step) {
        const uint item = step * INVOCATIONS + gl_LocalInvocationIndex;
        const uint row = item / BLOCKS;
        const uint block = firstBlock + item % BLOCKS;
        const bool isThere = item < ROWS * BLOCKS && block < endBlock;
        float w[32];
        if (isThere) {
            const uint source = min(output_row(row), output_rows() - 1);
            const uint part = row / M % PARTS * output_rows();
            load_block(p.weights, (part + source) * blockCount + block, w);
        }
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            const vec4 low = vec4(w[8 * i], w[8 * i + 1], w[8 * i + 2], w[8 * i + 3]);
            const vec4 high = vec4(w[8 * i + 4], w[8 * i + 5], w[8 * i + 6], w[8 * i + 7]);
            fetchedWeights[4 * step + i] = isThere ? pack_elements(low, high) : uvec4(0);
        }
    }
    [[unroll]] for (uint step = 0; step < INPUT_STEPS; ++step) {
        const uint item = step * INVOCATIONS + gl_LocalInvocationIndex;
        const uint block = firstBlock + item % (4 * BLOCKS) / 4;
        fetchedInputs[step] = uvec4(0);
        if (item < TOKENS * BLOCKS * 4 && block < endBlock) {
            const uint token = gl_WorkGroupID.x * TOKENS + item / (4 * BLOCKS);
            const uint source = min(token, p.tokenCount - 1) * (p.xStride / 4);
            const uint at = source + block * 8 + item % 4 * 2;
            fetchedInputs[step] = pack_elements(Float4s(p.x).v[at], Float4s(p.x).v[at + 1]);
        }
    }
}

void put(const uint stage) {
    [[unroll]] for (uint step = 0; step < WEIGHT_STEPS; ++step) {
        const uint item = step * INVOCATIONS + gl_LocalInvocationIndex;
        const uint at = (stage * ROWS + item / BLOCKS) * STRIDE + item % BLOCKS * 4;
        if (item < ROWS * BLOCKS) {
            [[unroll]] for (uint i = 0; i < 4; ++i) {
                tiles[at + i] = fetchedWeights[4 * step + i];
            }
        }
    }
    [[unroll]] for (uint step = 0; step < INPUT_STEPS; ++step) {
        const uint item = step * INVOCATIONS + gl_LocalInvocationIndex;
        const uint at = (stage * TOKENS + item / (4 * BLOCKS)) * STRIDE + item % (4 * BLOCKS);
        if (item < TOKENS * BLOCKS * 4) {
            tiles[INPUT_TILE + at] = fetchedInputs[step];
        }
    }
}

float staged(const uint first, const uint element) {
    return uintBitsToFloat(tiles[first + element / 4][element % 4]);
}

// Stores M rows for N tokens, one token after the other, from shared memory.
void store_fragment(const uint first, const uint tileRow, const uint tileToken) {
    for (uint element = gl_SubgroupInvocationID; element < M * N; element += SUBGROUP_SIZE) {
        const uint row = output_row(tileRow + element % M);
        const uint token = gl_WorkGroupID.x * TOKENS + tileToken + element / M;
        if (row < output_rows() && token < p.tokenCount) {
            float value = staged(first, element) + bias(row);
            if (IS_GATED) {
                const float up = staged(first + M * N / 4, element);
                value = activate(value, up + bias(output_rows() + row));
            }
            store_output(token, row, value);
        }
    }
}

void main() {
    const uint subgroupRow = gl_SubgroupID % ROW_SUBGROUPS * SUBGROUP_ROWS;
    const uint subgroupToken = gl_SubgroupID / ROW_SUBGROUPS * SUBGROUP_TOKENS;
    const uint firstBlock = gl_WorkGroupID.z * p.splitBlocks;
    const uint endBlock = min(firstBlock + p.splitBlocks, p.columns / 32);

    SUMS sums[ROW_FRAGMENTS * TOKEN_FRAGMENTS];
    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS * TOKEN_FRAGMENTS; ++i) sums[i] = SUMS(0.0);
    uint stage = 0;
    fetch(firstBlock, endBlock);
    put(stage);
    barrier();
    for (uint block = firstBlock; block < endBlock; block += BLOCKS) {
        const bool hasNext = block + BLOCKS < endBlock;
        if (hasNext) fetch(block + BLOCKS, endBlock);
        [[unroll]] for (uint k = 0; k < DEPTH; k += K) {
            MATRIX(ELEMENT, M, K, gl_MatrixUseA) w[ROW_FRAGMENTS];
            [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; ++i) {
                const uint row = stage * ROWS + subgroupRow + i * M;
                coopMatLoad(
                    w[i], tiles, row * STRIDE + k / 8, STRIDE,
                    gl_CooperativeMatrixLayoutRowMajor);
            }
            [[unroll]] for (uint j = 0; j < TOKEN_FRAGMENTS; ++j) {
                const uint row = stage * TOKENS + subgroupToken + j * N;
                MATRIX(ELEMENT, K, N, gl_MatrixUseB) x;
                coopMatLoad(
                    x, tiles, INPUT_TILE + row * STRIDE + k / 8, STRIDE,
                    gl_CooperativeMatrixLayoutColumnMajor);
                [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; ++i) {
                    const uint at = i * TOKEN_FRAGMENTS + j;
                    sums[at] = coopMatMulAdd(w[i], x, sums[at]);
                }
            }
        }
        if (STAGES == 1) {
            barrier();
        } else {
            stage = 1 - stage;
        }
        if (hasNext) put(stage);
        barrier();
    }

    // Sums leave by shared memory, a fragment of each subgroup at a time: only there is it known
    // which invocation has which.
    const uint first = gl_SubgroupID * OUTPUTS;
    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; i += PARTS) {
        [[unroll]] for (uint j = 0; j < TOKEN_FRAGMENTS; ++j) {
            [[unroll]] for (uint part = 0; part < PARTS; ++part) {
                coopMatStore(
                    sums[(i + part) * TOKEN_FRAGMENTS + j], tiles, first + part * (M * N / 4),
                    M / 4, gl_CooperativeMatrixLayoutColumnMajor);
            }
            subgroupBarrier();
            store_fragment(first, subgroupRow + i * M, subgroupToken + j * N);
            subgroupBarrier();
        }
    }
}
