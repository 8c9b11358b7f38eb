// edited[e] = logits[r], changed for one row of sampling: masked, biased, penalised, banned
//
// logits, edited: float[][stride]; rows: LogitEditRow[]; edits: LogitEdit[]; bans: TokenBan[];
// masks: uint[][maskStride]. One workgroup edits one row; rows without edits never come here.
//
// The order is vLLM's: tokens the mask leaves out become -infinity; a token's bias is added; then,
// if the prompt or the output has it, a positive logit is divided by the repetition penalty and a
// negative one multiplied; the frequency penalty is subtracted once for each time it is in the
// output, the presence penalty once if it is there at all. Banned tokens are -infinity whatever
// else holds.
//
// The step before may still be sampling the sequence's newest token when this one is recorded: that
// token comes from `sampled`, and counts beside what the host has counted.
//
// The copy reads and writes the row once, 8 bytes a token; edits and bans are few beside it.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"
#include "reduce.glsl"

layout(push_constant, scalar) uniform Push { EditLogitsParams p; };

BUFFER(Rows, LogitEditRow, 4);
BUFFER(Edits, LogitEdit, 4);
BUFFER(Bans, TokenBan, 4);
layout(buffer_reference, scalar, buffer_reference_align = 4) coherent buffer Edited { float v[]; };

const uint NONE = 0xFFFFFFFFu;
const uint SEEN = 0x80000000u;
const float LOWEST = -3.4028234e38;

// What becomes of a logit; -infinity and what is no number stay.
float edit_logit(
    const LogitEditRow row, const float x, const float bias, const bool isSeen, const uint count
) {
    if (!(x >= LOWEST)) return x;
    float y = x + bias;
    if (isSeen) y = y > 0 ? y / row.repetitionPenalty : y * row.repetitionPenalty;
    return y - row.frequencyPenalty * float(count) - (count > 0 ? row.presencePenalty : 0.0);
}

void main() {
    const float excluded = uintBitsToFloat(0xFF800000u);
    const LogitEditRow row = Rows(p.rows).v[gl_WorkGroupID.x];
    Floats logits = Floats(p.logits + 4ul * row.logitsRow * p.stride);
    Edited edited = Edited(p.edited + 4ul * row.editedRow * p.stride);
    if (row.maskRow == NONE) {
        for (uint i = lane_index(); i < p.vocabularySize; i += lane_count()) {
            edited.v[i] = logits.v[i];
        }
    } else {
        Words mask = Words(p.masks + 4ul * row.maskRow * p.maskStride);
        for (uint i = lane_index(); i < p.vocabularySize; i += lane_count()) {
            const bool isAllowed = (mask.v[i / 32] >> (i % 32) & 1u) != 0;
            edited.v[i] = isAllowed ? logits.v[i] : excluded;
        }
    }
    // Loaded from somewhere in any case: see kernel.glsl on addresses that all lanes share.
    const bool hasNewest = row.newestRow != NONE;
    const uint sampled = Words(p.sampled).v[hasNewest ? row.newestRow : 0];
    const uint newest = hasNewest ? sampled : NONE;
    row_barrier();

    uint newestIsListed = 0;
    for (uint i = lane_index(); i < row.editCount; i += lane_count()) {
        const LogitEdit edit = Edits(p.edits).v[row.firstEdit + i];
        const bool isNewest = edit.token == newest;
        const uint count = (edit.count & ~SEEN) + (isNewest ? 1u : 0u);
        const bool isSeen = isNewest || (edit.count & SEEN) != 0;
        newestIsListed += isNewest ? 1u : 0u;
        edited.v[edit.token] =
            edit_logit(row, edited.v[edit.token], edit.bias, isSeen, count);
    }
    newestIsListed = reduce_add(newestIsListed);
    if (newestIsListed == 0 && newest < p.vocabularySize && lane_index() == 0) {
        edited.v[newest] = edit_logit(row, edited.v[newest], 0, true, 1);
    }
    row_barrier();

    for (uint i = lane_index(); i < row.banCount; i += lane_count()) {
        const TokenBan ban = Bans(p.bans).v[row.firstBan + i];
        if (ban.after == NONE || ban.after == newest) edited.v[ban.token] = excluded;
    }
}
