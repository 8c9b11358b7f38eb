// y[t][h] = the splits of a row's keys, folded in their order, each with its weight
// exp(its highest score - the highest of all), over the total of the weights.
//
// partials: float[split][kvHead][row][HEAD_SIZE sums, highest, total]; y: float[tokens][headCount
// * HEAD_SIZE]. One workgroup, a subgroup, folds one row: a (token, head) pair of a tile whose
// splits had workgroups of their own.
//
// Why: a long context and few rows would leave most of a device idle.
// Roofline: HEAD_SIZE floats for every SPLIT_KEYS keys of a row.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "attention.glsl"

const uint ELEMENTS = (HEAD_SIZE + SUBGROUP_SIZE - 1) / SUBGROUP_SIZE;

void main() {
    const uint lane = gl_SubgroupInvocationID;
    const AttentionTile tile = Tiles(p.tiles).v[gl_WorkGroupID.x];
    const uint kvHead = gl_WorkGroupID.y / partial_row_count();
    const uint tileRow = gl_WorkGroupID.y % partial_row_count();
    const uint group = p.headCount / p.kvHeadCount;
    const uint row = tile.firstRow + tileRow;
    // A row past the last is folded as the last, and not written.
    const uint lastRow = min(tile.firstRow + ROWS, tile.tokenCount * group) - 1;
    const uint safeRow = min(row, lastRow);
    const uint token = tile.firstToken + safeRow / group;
    const uint head = kvHead * group + safeRow % group;
    const uint position = Words(p.positions).v[token];

    float highest = LOWEST;
    float total = 0;
    float sums[ELEMENTS];
    [[unroll]] for (uint i = 0; i < ELEMENTS; ++i) sums[i] = 0;
    // The condition comes last: see kernel.glsl on loops.
    uint split = first_key(position) / SPLIT_KEYS;
    do {
        Floats partial = partial_row(tile, split, kvHead, safeRow - tile.firstRow);
        const vec2 factors = fold(highest, total, partial.v[HEAD_SIZE], partial.v[HEAD_SIZE + 1]);
        [[unroll]] for (uint i = 0; i < ELEMENTS; ++i) {
            const uint element = min(i * SUBGROUP_SIZE + lane, HEAD_SIZE - 1);
            sums[i] = fma(sums[i], factors.x, partial.v[element] * factors.y);
        }
    } while (++split <= position / SPLIT_KEYS);

    if (row > lastRow) return;
    const float factor = normaliser(head, highest, total);
    Floats y = Floats(p.y + 4ul * (token * p.headCount + head) * HEAD_SIZE);
    [[unroll]] for (uint i = 0; i < ELEMENTS; ++i) {
        const uint element = i * SUBGROUP_SIZE + lane;
        if (element < HEAD_SIZE) y.v[element] = sums[i] * factor;
    }
}
