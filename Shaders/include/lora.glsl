// What the kernels of low-rank changes share: which tokens a workgroup has, and the factors of
// their adapter. Included after the push constants `p`.
//
// Workgroups are counted by rows, tiles of tokens, and matrices. One that has nothing to do returns
// at once, but see kernel.glsl: on lavapipe it may still load what its loop begins with, so that
// its addresses must be good ones. Factors of rank 0 point to zeros.
layout(constant_id = 2) const uint TOKENS = 1;  // of a tile at most

BUFFER(FactorsTable, LoRAFactors, 8);
BUFFER(LoRATiles, LoRATile, 4);

const uint FACTOR_ROWS = 8;  // that stand side by side

LoRATile lora_tile() { return LoRATiles(p.tiles).v[gl_WorkGroupID.y]; }

LoRAFactors lora_factors(const uint slot) {
    return FactorsTable(p.factors).v[gl_WorkGroupID.z * p.slotCount + slot];
}

// The place of the t-th token of a tile in the list of tokens; of the last one past the end.
uint lora_place(const LoRATile tile, const uint t) { return tile.first + min(t, tile.count - 1); }

uint lora_token(const uint place) { return Words(p.tokens).v[place]; }

// Where a place's results of this workgroup's matrix begin in h.
uint64_t lora_h(const uint place) {
    return p.h + 4ul * (place * p.hStride + gl_WorkGroupID.z * p.maxRank);
}
