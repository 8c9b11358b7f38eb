// The sums of a lane's rows in products by interleaved weights: GROUPS rows, TOKENS tokens.
// Included after both are known. (Arrays of such sizes cannot be passed to functions.)

// Columns that share a scale are a part of a block; how many parts there are, and their quads.
const uint SCALE_PARTS = 32 / SCALED_COLUMNS;
const uint PART_QUADS = SCALED_COLUMNS / 4;

// An invocation's results, rows first.
float sum[GROUPS * TOKENS];
// Those of a part of a block, before scales and offsets; and the sums of its activations.
float part[GROUPS * TOKENS];
float inputSum[TOKENS];

void begin_part() {
    [[unroll]] for (uint s = 0; s < GROUPS * TOKENS; ++s) part[s] = 0;
    [[unroll]] for (uint t = 0; t < TOKENS; ++t) inputSum[t] = 0;
}

void end_part(const uint r, const BlockScales scales, const uint h) {
    [[unroll]] for (uint t = 0; t < TOKENS; ++t) {
        const uint s = r * TOKENS + t;
#if defined(INTEGER_WEIGHTS)
        sum[s] = fma(scales.scale[h], part[s], sum[s]);
#else
        sum[s] += part[s];
#endif
#if defined(HAS_OFFSETS)
        sum[s] = fma(-scales.minimum[h], inputSum[t], sum[s]);
#endif
    }
}
