// `EACH_TOKEN(i, size) { ... }`: the row's invocations share the tokens of a vocabulary. Inside, i
// may be past the end: `logit(logits, i, size)` is then -infinity, which is no token's.
//
// Sixteen tokens a turn: their loads are on their way together. And Mesa before 23 lets an
// invocation take 65,535 turns of loops, all its loops together, before it leaves them without a
// word: the tokens of a vocabulary, one at a time, are too many for more than a few passes.
#define EACH_TOKEN(i, size)                                                                 \
    for (uint turn_ = lane_index(); turn_ < (size); turn_ += 16 * lane_count())             \
        [[unroll]] for (uint n_ = 0, i = turn_; n_ < 16; ++n_, i += lane_count())

float logit(Floats logits, const uint i, const uint size) {
    const float x = logits.v[min(i, size - 1)];
    return i < size ? x : uintBitsToFloat(0xFF800000u);
}
