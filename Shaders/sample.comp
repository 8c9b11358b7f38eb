// tokens[i] = a token of logits[rows[i].logitsRow], greedy or drawn as rows[i] says
//
// logits: float[][stride]; rows: SamplingRow[]; tokens: uint[]. One workgroup chooses one token. A
// row that edit_logits has changed is read from where it put it.
//
// masks: uint[][maskStride], bit t % 32 of word t / 32 for token t. What a row's mask leaves out is
// as if its logit were -infinity: a grammar's mask is applied where the logits are read anyway, and
// in the CPU family tokens of which a mask leaves none are not read at all. Who has no masks has a
// pipeline without them.
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
#include "each_token.glsl"

layout(push_constant, scalar) uniform Push { SampleParams p; };

layout(constant_id = 2) const uint HAS_MASKS = 0;

BUFFER(Rows, SamplingRow, 4);
REDUCE_ADD_ALL(15)

const float LOWEST = -3.4028234e38;
const uint NO_TOKEN = 0xFFFFFFFFu;

// One row: its logits, and the words of its mask, which a row without one ignores.
struct Row {
    Floats logits;
    Words mask;
    uint ignored;
};

// The word with the bit of the n-th token of a turn: the same for all lanes of a small subgroup.
uint mask_word(const Row row, const uint base, const uint n, const uint i) {
#if defined(ROW_PER_WORKGROUP)
    const uint token = i;
#else
    const uint token = SUBGROUP_SIZE <= 32 ? base + n * SUBGROUP_SIZE : i;
#endif
    return row.mask.v[min(token / 32, p.maskStride - 1)] | row.ignored;
}

// Whether any token of a turn may be drawn, as far as that is known without asking other lanes.
bool is_open(const Row row, const uint base) {
    uint bits = HAS_MASKS;
#if !defined(ROW_PER_WORKGROUP)
    if (HAS_MASKS != 0 && SUBGROUP_SIZE <= 32) {
        bits = 0;
        [[unroll]] for (uint n = 0; n < 16; ++n) bits |= mask_word(row, base, n, base);
    }
#endif
    return HAS_MASKS == 0 || bits != 0;
}

// The logit of the n-th token of a lane's turn.
float candidate(const Row row, const uint base, const uint n, const uint i) {
    const float x = logit(row.logits, i, p.vocabularySize);
    if (HAS_MASKS == 0) return x;
    const bool isAllowed = (mask_word(row, base, n, i) >> (i % 32) & 1u) != 0;
    return isAllowed ? x : uintBitsToFloat(0xFF800000u);
}

// `EACH_CANDIDATE(row, i) { ... }`: the row's invocations share the tokens that may be drawn, and
// some that may not. Inside, `CANDIDATE(row, i)` is the token's logit, -infinity for those.
#define EACH_CANDIDATE(row, i)                                                              \
    EACH_TURN(base_, p.vocabularySize) if (is_open(row, base_)) TOKENS_OF_TURN(base_, n_, i)
#define CANDIDATE(row, i) candidate(row, base_, n_, i)

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
    const Row row, const float inverse, const float highest, const float floor_,
    const float wanted, const bool byMass
) {
    uint prefix = 0;
    for (int shift = 28; shift >= 0; shift -= 4) {
        float weight[15];
        [[unroll]] for (uint n = 0; n < 15; ++n) weight[n] = 0;
        EACH_CANDIDATE(row, i) {
            const float s = CANDIDATE(row, i) * inverse;
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
    const SamplingRow way = Rows(p.rows).v[gl_WorkGroupID.x];
    const uint64_t source = way.isEdited != 0 ? p.edited : p.logits;
    Row row;
    row.logits = Floats(source + 4ul * way.logitsRow * p.stride);
    row.mask = Words(p.masks + 4ul * (max(way.maskRow, 1u) - 1u) * p.maskStride);
    row.ignored = way.maskRow == 0 ? 0xFFFFFFFFu : 0u;
    const bool greedy = way.temperature == 0;
    const float inverse = greedy ? 1.0 : 1.0 / way.temperature;

    float best = LOWEST;
    EACH_CANDIDATE(row, i) {
        // Not max: of a number and no number, GLSL may choose either.
        const float s = CANDIDATE(row, i) * inverse;
        best = s > best ? s : best;
    }
    const float highest = reduce_max(best);

    float threshold = greedy ? highest : LOWEST;
    if (!greedy) {
        if (way.minP > 0) threshold = highest + log(way.minP);
        if (way.topK > 0 && way.topK < p.vocabularySize) {
            threshold = find_threshold(
                row, inverse, highest, threshold, float(way.topK), false);
        }
        if (way.topP < 1) {
            float mass = 0;
            EACH_CANDIDATE(row, i) {
                const float s = CANDIDATE(row, i) * inverse;
                mass += s >= threshold ? exp(s - highest) : 0.0;
            }
            const float wanted = way.topP * reduce_add(mass);
            threshold = find_threshold(row, inverse, highest, threshold, wanted, true);
        }
    }

    float bestDraw = LOWEST;
    uint bestToken = NO_TOKEN;
    EACH_CANDIDATE(row, i) {
        const float s = CANDIDATE(row, i) * inverse;
        float draw = s;
        if (!greedy) {
            draw = s - log(exponential_draw(way.seedLow, way.seedHigh, way.position, i));
        }
        const bool better = s >= threshold && draw > bestDraw;
        bestDraw = better ? draw : bestDraw;
        bestToken = better ? i : bestToken;
    }
    const float winner = reduce_max(bestDraw);
    const uint token = reduce_min(bestDraw == winner ? bestToken : NO_TOKEN);
    if (lane_index() == 0) Words(p.tokens).v[gl_WorkGroupID.x] = token;
}
