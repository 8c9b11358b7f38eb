// What the kernels of attention share: the features of a layer, the tile of rows a workgroup
// computes, and the arithmetic of splits.
//
// A sequence's keys are summed in splits of SPLIT_KEYS, each from zero, and the splits folded
// together in their order. That is so whether one workgroup walks all splits or each has its own
// and paged_attention_reduce folds: who computes a split is not seen in the bits.
layout(constant_id = 2) const uint HEAD_SIZE = 64;
layout(constant_id = 3) const uint BLOCK_SIZE = 16;
layout(constant_id = 4) const uint ROWS = 16;
layout(constant_id = 5) const bool IS_WINDOWED = false;
layout(constant_id = 6) const bool IS_CAPPED = false;
layout(constant_id = 7) const bool HAS_SINKS = false;
layout(push_constant, scalar) uniform Push { PagedAttentionParams p; };

BUFFER(Tiles, AttentionTile, 4);

// Below every score, and far enough from the end of the range to be subtracted from itself.
const float LOWEST = -1e30;

// What a split leaves of a row: its sums, then the highest score and the total of the weights.
const uint PARTIAL_STRIDE = HEAD_SIZE + 2;

// Only single tokens are spread: a tile has no more rows than a token has heads in its group.
uint partial_row_count() { return min(ROWS, p.headCount / p.kvHeadCount); }

Floats partial_row(const AttentionTile tile, const uint split, const uint kvHead, const uint row) {
    const uint index = tile.partials + (split * p.kvHeadCount + kvHead) * partial_row_count() + row;
    return Floats(p.partials + uint64_t(index) * (4 * PARTIAL_STRIDE));
}

// The first key that a token sees; the last is its own.
uint first_key(const uint position) {
    return IS_WINDOWED ? position - min(position, p.window - 1) : 0;
}

bool sees(const uint position, const uint key) {
    return key <= position && (!IS_WINDOWED || position - key < p.window);
}

// A score from a dot product: scaled, and with a cap bent so that it stays within it.
float score_of(const float dotProduct) {
    const float score = dotProduct * p.scale;
    if (!IS_CAPPED) return score;
    // tanh by exp of what is never positive, so that nothing overflows.
    const float t = exp(-2 * abs(score) / p.softCap);
    return sign(score) * p.softCap * (1 - t) / (1 + t);
}

// Folds the next split into a row's highest score and total: sums follow as
// fma(sum, factors.x, splitSum * factors.y).
vec2 fold(
    inout float highest, inout float total, const float splitHighest, const float splitTotal
) {
    const float newHighest = max(highest, splitHighest);
    const vec2 factors = exp(vec2(highest, splitHighest) - newHighest);
    highest = newHighest;
    total = fma(total, factors.x, splitTotal * factors.y);
    return factors;
}

// What turns a row's sums into its output. A sink is a key without a value: it takes its share of
// the weight and gives nothing.
float normaliser(const uint head, const float highest, const float total) {
    if (!HAS_SINKS) return 1 / total;
    const float sink = Floats(p.sinks).v[head];
    const float newHighest = max(highest, sink);
    const float correction = exp(highest - newHighest);
    return correction / fma(total, correction, exp(sink - newHighest));
}
