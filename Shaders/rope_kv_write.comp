// q, k: normalised per head where the model does so, x / rms(x) * weight; then rotated,
// (a, b) -> (a cos - b sin, a sin + b cos) for each pair of a head's leading rotatedSize elements.
// k and v go to their token's slot of the KV cache, in its format.
//
// qkv: float[tokens][q heads, k heads, v heads][HEAD_SIZE]; q is changed in place. cache: one
// layer, tile[block][kvHead][k, v], see kv_cache.glsl. One subgroup handles one head of one token.
// Pairs are neighbours (2i, 2i + 1) as GGUF's llama has them, or halves apart
// (i, i + rotatedSize / 2) with NEOX.
//
// Why: a norm, and the scale of an 8-bit row, need a head's elements together. A scale belongs to
// one token's 32 elements alone, so that nothing written later changes what was stored.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(constant_id = 2) const uint HEAD_SIZE = 64;
layout(constant_id = 3) const uint BLOCK_SIZE = 16;
layout(constant_id = 4) const bool NEOX = false;
layout(constant_id = 5) const bool NORMALISES = false;
layout(push_constant, scalar) uniform Push { RoPEKVWriteParams p; };

// A key or value on its way to the cache, a head for each subgroup.
shared float finished[gl_WorkGroupSize.x / SUBGROUP_SIZE * HEAD_SIZE];

#define KV_STORES
#include "kv_cache.glsl"

float inverse_rms(Floats values) {
    float squares = 0;
    for (uint i = gl_SubgroupInvocationID; i < HEAD_SIZE; i += SUBGROUP_SIZE) {
        squares = fma(values.v[i], values.v[i], squares);
    }
    return inversesqrt(subgroupAdd(squares) / HEAD_SIZE + p.epsilon);
}

void main() {
    // Nobody leaves early, and everybody meets at every barrier: lavapipe takes a subgroup's for
    // the whole workgroup's. A head past the last is the last once more, and not written.
    const uint lastHead = p.headCount + 2 * p.kvHeadCount - 1;
    const uint index = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    const uint head = min(index, lastHead);
    const uint token = gl_WorkGroupID.y;
    const bool isQuery = head < p.headCount;
    const bool isValue = head >= p.headCount + p.kvHeadCount;
    const uint rotatedPairs = isValue ? 0 : p.rotatedSize / 2;
    const uint position = Words(p.positions).v[token];
    Floats values = Floats(p.qkv + 4ul * (token * p.qkvStride + head * HEAD_SIZE));
    const uint start = gl_SubgroupID * HEAD_SIZE;

    const bool isNormalised = NORMALISES && !isValue;
    float inverse = 1;
    if (isNormalised) inverse = inverse_rms(values);
    Floats weights = Floats(isQuery ? p.queryNorm : p.keyNorm);
    for (uint pair = gl_SubgroupInvocationID; pair < HEAD_SIZE / 2; pair += SUBGROUP_SIZE) {
        const bool rotates = pair < rotatedPairs;
        const uint first = NEOX && rotates ? pair : 2 * pair;
        const uint second = NEOX && rotates ? pair + rotatedPairs : 2 * pair + 1;
        float a = values.v[first];
        float b = values.v[second];
        if (isNormalised) {
            a *= inverse * weights.v[first];
            b *= inverse * weights.v[second];
        }
        if (rotates) {
            Floats rotation = Floats(p.rotations + 8ul * (position * rotatedPairs + pair));
            const float cosine = rotation.v[0];
            const float sine = rotation.v[1];
            const float rotatedA = a * cosine - b * sine;
            b = a * sine + b * cosine;
            a = rotatedA;
        }
        if (isQuery) {
            values.v[first] = a;
            values.v[second] = b;
        } else {
            finished[start + first] = a;
            finished[start + second] = b;
        }
    }
    subgroupMemoryBarrierShared();
    subgroupBarrier();
    const bool isStored = !isQuery && index <= lastHead;
    const uint kvHead = head - p.headCount - (isValue ? p.kvHeadCount : 0);
    const uint slot = Words(p.slotMapping).v[token];
    const uint64_t keys = kv_tile(slot / BLOCK_SIZE, kvHead);
    kv_store(isStored, isValue ? keys + KV_TILE_BYTES : keys, isValue, slot % BLOCK_SIZE, start);
}
