// A row of work is a whole workgroup: subgroups reduce first, then their results meet in shared
// memory. Every invocation of the workgroup must take part in every call.
shared float partialFloats[64];
shared uint partialWords[64];

uint lane_index() { return gl_LocalInvocationIndex; }
uint lane_count() { return gl_WorkGroupSize.x; }

// The partial results of the subgroups are combined in their order, so that a sum does not depend
// on which subgroup finished first.
#define REDUCE(name, type, partials, subgroupOperation, identity, combine) \
    type name(const type value) {                                          \
        const type mine = subgroupOperation(value);                        \
        barrier();                                                         \
        if (subgroupElect()) partials[gl_SubgroupID] = mine;               \
        barrier();                                                         \
        type result = identity;                                            \
        for (uint i = 0; i < gl_NumSubgroups; ++i) {                       \
            const type other = partials[i];                                \
            result = combine;                                              \
        }                                                                  \
        return result;                                                     \
    }

REDUCE(reduce_add, float, partialFloats, subgroupAdd, 0.0, result + other)
REDUCE(reduce_add, uint, partialWords, subgroupAdd, 0u, result + other)
const float LOWEST_PARTIAL = -3.4028234e38;
REDUCE(reduce_max, float, partialFloats, subgroupMax, LOWEST_PARTIAL, max(result, other))
REDUCE(reduce_min, uint, partialWords, subgroupMin, 0xFFFFFFFFu, min(result, other))

// What the row's invocations wrote to coherent buffers before, all of them see after.
void row_barrier() {
    memoryBarrierBuffer();
    barrier();
}

// The sums of several values at once, with two barriers for all of them.
#define REDUCE_ADD_ALL(count)                                                             \
    shared float partialSums[64][count];                                                  \
    void reduce_add(inout float values[count]) {                                          \
        [[unroll]] for (uint n = 0; n < count; ++n) values[n] = subgroupAdd(values[n]);   \
        barrier();                                                                        \
        if (subgroupElect()) partialSums[gl_SubgroupID] = values;                         \
        barrier();                                                                        \
        [[unroll]] for (uint n = 0; n < count; ++n) values[n] = 0;                        \
        for (uint i = 0; i < gl_NumSubgroups; ++i) {                                      \
            [[unroll]] for (uint n = 0; n < count; ++n) values[n] += partialSums[i][n];   \
        }                                                                                 \
    }
