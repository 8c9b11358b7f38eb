// entries[n] = log(softmax(logits[r])) of one token, then of the most probable ones, best first
//
// logits: float[][stride]; rows: LogprobRow[]; tokens: uint[]; entries: Logprob[][entryStride]. One
// workgroup writes the entries of one row: 1 + topCount of them.
//
// The logarithm of the sum of exponentials takes two passes over the row; the second also counts
// how many tokens are at least as probable as the first entry's: its rank. Each of the most
// probable tokens takes a pass, the next one below the last in the order of logits, then of ids:
// they are few, and a row is in the cache. Where fewer logits are numbers, NO_TOKEN stands.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "reduce.glsl"

layout(push_constant, scalar) uniform Push { LogprobsParams p; };

BUFFER(Rows, LogprobRow, 4);
BUFFER(Entries, Logprob, 4);

const float LOWEST = -3.4028234e38;
const uint NO_TOKEN = 0xFFFFFFFFu;
const uint SAMPLED = 0x80000000u;

void main() {
    const LogprobRow row = Rows(p.rows).v[gl_WorkGroupID.x];
    Floats logits = Floats(p.logits + 4ul * row.logitsRow * p.stride);
    Entries entries = Entries(p.entries + 12ul * gl_WorkGroupID.x * p.entryStride);
    // Loaded from somewhere in any case: see kernel.glsl on addresses that all lanes share.
    const bool isSampled = (row.token & SAMPLED) != 0;
    const uint drawn = Words(p.tokens).v[isSampled ? row.token & ~SAMPLED : 0];
    const uint token = isSampled ? drawn : row.token;
    // The row's sample may be no token.
    const bool isToken = token < p.vocabularySize;
    const float own = logits.v[isToken ? token : 0];

    float best = LOWEST;
    for (uint i = lane_index(); i < p.vocabularySize; i += lane_count()) {
        const float x = logits.v[i];
        best = x > best ? x : best;
    }
    const float highest = reduce_max(best);
    float sum = 0;
    uint rank = 0;
    for (uint i = lane_index(); i < p.vocabularySize; i += lane_count()) {
        const float x = logits.v[i];
        sum += x >= LOWEST ? exp(x - highest) : 0.0;
        rank += x >= own ? 1u : 0u;
    }
    const float logSum = log(reduce_add(sum));
    rank = reduce_add(rank);
    if (lane_index() == 0) {
        entries.v[0].token = isToken ? token : NO_TOKEN;
        entries.v[0].logprob = own - highest - logSum;
        entries.v[0].rank = rank;
    }

    float last = highest;
    uint lastToken = NO_TOKEN;
    for (uint n = 1; n <= row.topCount; ++n) {
        float value = LOWEST;
        uint next = NO_TOKEN;
        for (uint i = lane_index(); i < p.vocabularySize; i += lane_count()) {
            const float x = logits.v[i];
            const bool isLeft = n == 1 || x < last || (x == last && i > lastToken);
            const bool isBetter = isLeft && x > value;
            value = isBetter ? x : value;
            next = isBetter ? i : next;
        }
        last = reduce_max(value);
        lastToken = reduce_min(value == last ? next : NO_TOKEN);
        if (lane_index() == 0) {
            entries.v[n].token = lastToken;
            entries.v[n].logprob = last - highest - logSum;
            entries.v[n].rank = n;
        }
    }
}
