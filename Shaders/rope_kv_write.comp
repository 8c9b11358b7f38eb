// q, k: (a, b) -> (a cos - b sin, a sin + b cos) for each pair of a head's leading rotatedSize
// elements; then k and v go to their token's slot of the KV cache, as halves.
//
// qkv: float[tokens][q heads, k heads, v heads][headSize]; q is rotated in place. cache: one layer,
// half[block][kvHead][k, v][blockSize][headSize], so that a block of a head is one contiguous tile.
// One invocation handles one pair of elements of one head of one token. Pairs are neighbours
// (2i, 2i + 1) as GGUF's llama has them, or halves apart (i, i + rotatedSize / 2) with NEOX.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(constant_id = 2) const bool NEOX = false;
layout(push_constant, scalar) uniform Push { RoPEKVWriteParams p; };

void main() {
    const uint pairCount = p.headSize / 2;
    const uint head = gl_GlobalInvocationID.x / pairCount;
    const uint pair = gl_GlobalInvocationID.x % pairCount;
    const uint token = gl_WorkGroupID.y;
    if (head >= p.headCount + 2 * p.kvHeadCount) return;

    const uint rotatedPairs = p.rotatedSize / 2;
    const bool rotates = head < p.headCount + p.kvHeadCount && pair < rotatedPairs;
    const uint first = NEOX && rotates ? pair : 2 * pair;
    const uint second = NEOX && rotates ? pair + rotatedPairs : 2 * pair + 1;
    Floats values = Floats(p.qkv + 4ul * (token * p.qkvStride + head * p.headSize));
    float a = values.v[first];
    float b = values.v[second];
    if (rotates) {
        const uint position = Words(p.positions).v[token];
        Floats rotation = Floats(p.rotations + 8ul * (position * rotatedPairs + pair));
        const float cosine = rotation.v[0];
        const float sine = rotation.v[1];
        const float rotatedA = a * cosine - b * sine;
        b = a * sine + b * cosine;
        a = rotatedA;
    }
    if (head < p.headCount) {
        values.v[first] = a;
        values.v[second] = b;
        return;
    }
    const uint isValue = head < p.headCount + p.kvHeadCount ? 0 : 1;
    const uint kvHead = head - p.headCount - isValue * p.kvHeadCount;
    const uint slot = Words(p.slotMapping).v[token];
    const uint tile = (slot / p.blockSize * p.kvHeadCount + kvHead) * 2 + isValue;
    Halves cache = Halves(
        p.cache + 2ul * (uint64_t(tile) * p.blockSize + slot % p.blockSize) * p.headSize);
    // Halves end at 65504; a value beyond would become infinite and poison every later token.
    cache.v[first] = float16_t(clamp(a, -65504.0, 65504.0));
    cache.v[second] = float16_t(clamp(b, -65504.0, 65504.0));
}
