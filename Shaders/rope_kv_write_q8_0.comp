// As rope_kv_write, into a cache of 8 bits: every 32 elements of a key or value become signed bytes
// and one scale, d = max |x| / 127.
//
// qkv: float[tokens][q heads, k heads, v heads][headSize]; q is rotated in place. cache: one layer,
// tile[block][kvHead][k, v], see kv/q8_0.glsl. One invocation handles 32 elements of one head of
// one token: of a query 16 pairs, of a key or value 32 neighbours.
//
// Why: a scale belongs to one token's 32 elements alone, so that nothing written later, and no
// other request, changes what was stored.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(constant_id = 2) const bool NEOX = false;
layout(push_constant, scalar) uniform Push { RoPEKVWriteParams p; };

// Element `index` of a head, rotated; `values` still holds the head as it was.
float rotated(Floats values, const uint position, const uint index) {
    const uint pairs = p.rotatedSize / 2;
    if (index >= p.rotatedSize) return values.v[index];
    const bool isSecond = NEOX ? index >= pairs : index % 2 == 1;
    const uint pair = NEOX ? index % pairs : index / 2;
    const uint distance = NEOX ? pairs : 1;
    const float other = values.v[isSecond ? index - distance : index + distance];
    Floats rotation = Floats(p.rotations + 8ul * (position * pairs + pair));
    const float sine = isSecond ? rotation.v[1] : -rotation.v[1];
    return values.v[index] * rotation.v[0] + other * sine;
}

void rotate_in_place(Floats values, const uint position, const uint group) {
    const uint pairs = p.rotatedSize / 2;
    for (uint pair = 16 * group; pair < min(16 * group + 16, pairs); ++pair) {
        const uint first = NEOX ? pair : 2 * pair;
        const uint second = NEOX ? pair + pairs : 2 * pair + 1;
        const float a = rotated(values, position, first);
        const float b = rotated(values, position, second);
        values.v[first] = a;
        values.v[second] = b;
    }
}

void main() {
    const uint groups = p.headSize / 32;
    const uint head = gl_GlobalInvocationID.x / groups;
    const uint group = gl_GlobalInvocationID.x % groups;
    const uint token = gl_WorkGroupID.y;
    if (head >= p.headCount + 2 * p.kvHeadCount) return;

    const uint position = Words(p.positions).v[token];
    Floats values = Floats(p.qkv + 4ul * (token * p.qkvStride + head * p.headSize));
    if (head < p.headCount) {
        rotate_in_place(values, position, group);
        return;
    }
    const uint isValue = head < p.headCount + p.kvHeadCount ? 0 : 1;
    const uint kvHead = head - p.headCount - isValue * p.kvHeadCount;
    float x[32];
    float largest = 0;
    [[unroll]] for (uint i = 0; i < 32; ++i) {
        const uint index = 32 * group + i;
        x[i] = isValue == 1 ? values.v[index] : rotated(values, position, index);
        largest = max(largest, abs(x[i]));
    }
    // Halves end at 65504; a scale beyond would be infinite. The bytes follow the scale as stored.
    const float scale =
        unpackHalf2x16(packHalf2x16(vec2(min(largest / 127, 65504.0), 0))).x;
    const float inverse = scale == 0 ? 0 : 1 / scale;

    const uint slot = Words(p.slotMapping).v[token];
    const uint tile = (slot / p.blockSize * p.kvHeadCount + kvHead) * 2 + isValue;
    const uint row = slot % p.blockSize;
    const uint64_t start =
        p.cache + uint64_t(tile) * p.blockSize * (p.headSize + 2 * groups);
    Words quants = Words(start + row * p.headSize + 32 * group);
    [[unroll]] for (uint i = 0; i < 8; ++i) {
        uint word = 0;
        [[unroll]] for (uint j = 0; j < 4; ++j) {
            const int q = int(clamp(roundEven(x[4 * i + j] * inverse), -127.0, 127.0));
            word |= (uint(q) & 0xFFu) << (8 * j);
        }
        quants.v[i] = word;
    }
    Halves(start + p.blockSize * p.headSize).v[row * groups + group] = float16_t(scale);
}
