// lists[e] = the i with experts[i] == e, in order; counts[e] = how many they are
//
// experts: uint[pairCount]; counts: uint[expertCount]; lists: uint[expertCount][listStride].
// One invocation makes the list of one expert, and reads all pairs for it.
// Why: all lanes read the same word at the same time, thousands of pairs take microseconds, and the
// order of a list depends on nothing else in the batch.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(push_constant, scalar) uniform Push { GroupExpertsParams p; };

void main() {
    const uint expert = gl_GlobalInvocationID.x;
    const bool isThere = expert < p.expertCount;
    Words list = Words(p.lists + 4ul * min(expert, p.expertCount - 1) * p.listStride);
    uint count = 0;
    uint pair = 0;
    do {
        const bool isMine = Words(p.experts).v[pair] == expert;
        // A token chooses an expert once, so that no list has more pairs than there are tokens.
        if (isThere && isMine && count < p.listStride) list.v[count++] = pair;
    } while (++pair < p.pairCount);
    if (isThere) Words(p.counts).v[expert] = count;
}
