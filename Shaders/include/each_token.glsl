// `EACH_TOKEN(i, size) { ... }`: the row's invocations share the tokens of a vocabulary. Inside, i
// may be past the end: `logit(logits, i, size)` is then -infinity, which is no token's.
//
// Sixteen tokens a turn: their loads are on their way together. And Mesa before 23 lets an
// invocation take 65,535 turns of loops, all its loops together, before it leaves them without a
// word: the tokens of a vocabulary, one at a time, are too many for more than a few passes.
#define EACH_TOKEN(i, size) EACH_TURN(base_, size) TOKENS_OF_TURN(base_, n_, i)

// The turns, by their first token: all invocations take the same ones.
#define EACH_TURN(base, size) for (uint base = 0; base < (size); base += 16 * lane_count())

// An invocation's tokens of a turn.
#define TOKENS_OF_TURN(base, n, i)                                                          \
    [[unroll]] for (uint n = 0, i = base + lane_index(); n < 16; ++n, i += lane_count())

float logit(Floats logits, const uint i, const uint size) {
    const float x = logits.v[min(i, size - 1)];
    return i < size ? x : uintBitsToFloat(0xFF800000u);
}
