// experts[t] = the CHOSEN experts of the highest logits[t], highest first, equals by number;
// shares[t][i] = exp(logits[t][experts[t][i]]) over the sum of these, or over the sum of all
//
// logits: float[tokens][expertCount]; experts: uint[tokens][chosenCount]; shares: float, the same.
// One subgroup chooses for one token: the next highest is the highest of those that come after the
// last one chosen, so nothing needs to be remembered.
// Why: a hundred logits and eight choices are a few loads a lane; the rest is latency.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kernel.glsl"

layout(constant_id = 2) const bool RENORMALISES = true;
layout(push_constant, scalar) uniform Push { RouteExpertsParams p; };

const float LOWEST = -3.4028234e38;

void main() {
    const uint token = gl_WorkGroupID.x;
    Floats logits = Floats(p.logits + 4ul * token * p.expertCount);
    Words experts = Words(p.experts + 4ul * token * p.chosenCount);
    Floats shares = Floats(p.shares + 4ul * token * p.chosenCount);
    float highest = LOWEST;
    for (uint i = gl_SubgroupInvocationID; i < p.expertCount; i += SUBGROUP_SIZE) {
        highest = max(highest, logits.v[i]);
    }
    highest = subgroupMax(highest);
    float total = 0;
    for (uint i = gl_SubgroupInvocationID; i < p.expertCount; i += SUBGROUP_SIZE) {
        total += exp(logits.v[i] - highest);
    }
    total = subgroupAdd(total);

    float last = 0;
    uint lastExpert = 0;
    float chosenTotal = 0;
    uint choice = 0;
    do {
        float best = LOWEST;
        uint bestExpert = p.expertCount;
        for (uint i = gl_SubgroupInvocationID; i < p.expertCount; i += SUBGROUP_SIZE) {
            const float logit = logits.v[i];
            const bool isLeft =
                choice == 0 || logit < last || (logit == last && i > lastExpert);
            if (isLeft && (logit > best || bestExpert == p.expertCount)) {
                best = logit;
                bestExpert = i;
            }
        }
        last = subgroupMax(best);
        // Logits that are no numbers choose some expert there is.
        lastExpert =
            min(subgroupMin(best == last ? bestExpert : p.expertCount), p.expertCount - 1);
        const float share = exp(last - highest);
        chosenTotal += share;
        if (subgroupElect()) {
            experts.v[choice] = lastExpert;
            if (!RENORMALISES) shares.v[choice] = share / total;
        }
    } while (++choice < p.chosenCount);
    if (!RENORMALISES) return;
    for (uint i = gl_SubgroupInvocationID; i < p.chosenCount; i += SUBGROUP_SIZE) {
        shares.v[i] = exp(logits.v[experts.v[i]] - highest) / chosenTotal;
    }
}
