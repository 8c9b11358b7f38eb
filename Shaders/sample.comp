// tokens[i] = a token of logits[rows[i].logitsRow], greedy or drawn as rows[i] says
//
// logits: float[][stride]; rows: SamplingRow[]; tokens: uint[]. One workgroup chooses one token. A
// row that edit_logits has changed is read from where it put it.
//
// Greedy: the highest logit, the lowest id among equals. Otherwise, with s = logit / temperature:
// min-p keeps s >= max + log(minP); top-k keeps s at or above the k-th highest; top-p keeps s at or
// above the highest value whose upper set holds topP of what is left. Each is a threshold on s,
// found without sorting: float bits, made to order as integers, are searched four bits of the
// threshold at a time, fifteen candidates counted in one pass. (Ties with the last one kept are
// kept.) The draw is Gumbel-max: argmax of s - log(an exponential draw) over what is kept is a
// sample of the softmax, needs no running sums, and depends on the seed, the position and the token
// alone. Where no logit is a number the answer is NO_TOKEN.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "philox.glsl"
#include "reduce.glsl"

layout(push_constant, scalar) uniform Push { SampleParams p; };

BUFFER(Rows, SamplingRow, 4);
REDUCE_ADD_ALL(15)

const float LOWEST = -3.4028234e38;
const uint NO_TOKEN = 0xFFFFFFFFu;

// Floats as integers in the same order.
uint sort_key(const float value) {
    const uint bits = floatBitsToUint(value);
    return (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
}

float from_sort_key(const uint key) {
    return uintBitsToFloat((key >> 31) != 0 ? key & 0x7FFFFFFFu : ~key);
}

// The highest threshold t >= floor_ with weight({s >= t}) >= wanted, where weight counts tokens, or
// sums exp(s - highest) if byMass. Falls back to floor_ when even that set weighs too little.
float find_threshold(
    Floats logits, const float inverse, const float highest, const float floor_,
    const float wanted, const bool byMass
) {
    uint prefix = 0;
    for (int shift = 28; shift >= 0; shift -= 4) {
        float weight[15];
        [[unroll]] for (uint n = 0; n < 15; ++n) weight[n] = 0;
        for (uint i = lane_index(); i < p.vocabularySize; i += lane_count()) {
            const float s = logits.v[i] * inverse;
            const uint key = sort_key(s);
            const float mass = s >= floor_ ? (byMass ? exp(s - highest) : 1.0) : 0.0;
            [[unroll]] for (uint n = 0; n < 15; ++n) {
                weight[n] += key >= prefix + ((n + 1) << shift) ? mass : 0.0;
            }
        }
        reduce_add(weight);
        uint digit = 0;
        [[unroll]] for (uint n = 0; n < 15; ++n) {
            if (weight[n] >= wanted) digit = n + 1;
        }
        prefix += digit << shift;
    }
    return prefix == 0 ? floor_ : max(from_sort_key(prefix), floor_);
}

void main() {
    const SamplingRow row = Rows(p.rows).v[gl_WorkGroupID.x];
    const uint64_t source = row.isEdited != 0 ? p.edited : p.logits;
    Floats logits = Floats(source + 4ul * row.logitsRow * p.stride);
    const bool greedy = row.temperature == 0;
    const float inverse = greedy ? 1.0 : 1.0 / row.temperature;

    float best = LOWEST;
    for (uint i = lane_index(); i < p.vocabularySize; i += lane_count()) {
        // Not max: of a number and no number, GLSL may choose either.
        const float s = logits.v[i] * inverse;
        best = s > best ? s : best;
    }
    const float highest = reduce_max(best);

    float threshold = greedy ? highest : LOWEST;
    if (!greedy) {
        if (row.minP > 0) threshold = highest + log(row.minP);
        if (row.topK > 0 && row.topK < p.vocabularySize) {
            threshold = find_threshold(
                logits, inverse, highest, threshold, float(row.topK), false);
        }
        if (row.topP < 1) {
            float mass = 0;
            for (uint i = lane_index(); i < p.vocabularySize; i += lane_count()) {
                const float s = logits.v[i] * inverse;
                mass += s >= threshold ? exp(s - highest) : 0.0;
            }
            const float wanted = row.topP * reduce_add(mass);
            threshold = find_threshold(logits, inverse, highest, threshold, wanted, true);
        }
    }

    float bestDraw = LOWEST;
    uint bestToken = NO_TOKEN;
    for (uint i = lane_index(); i < p.vocabularySize; i += lane_count()) {
        const float s = logits.v[i] * inverse;
        float draw = s;
        if (!greedy) {
            draw = s - log(exponential_draw(row.seedLow, row.seedHigh, row.position, i));
        }
        const bool better = s >= threshold && draw > bestDraw;
        bestDraw = better ? draw : bestDraw;
        bestToken = better ? i : bestToken;
    }
    const float winner = reduce_max(bestDraw);
    const uint token = reduce_min(bestDraw == winner ? bestToken : NO_TOKEN);
    if (lane_index() == 0) Words(p.tokens).v[gl_WorkGroupID.x] = token;
}
