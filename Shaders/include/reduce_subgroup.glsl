// A row of work is one subgroup: reductions need neither shared memory nor barriers. For the CPU
// family, and wherever rows are short.
uint lane_index() { return gl_SubgroupInvocationID; }
uint lane_count() { return gl_SubgroupSize; }
float reduce_add(const float value) { return subgroupAdd(value); }
uint reduce_add(const uint value) { return subgroupAdd(value); }
float reduce_max(const float value) { return subgroupMax(value); }
uint reduce_min(const uint value) { return subgroupMin(value); }

// What the row's invocations wrote to coherent buffers before, all of them see after.
void row_barrier() {
    subgroupMemoryBarrierBuffer();
    subgroupBarrier();
}

// The sums of several values at once.
#define REDUCE_ADD_ALL(count)                                                                 \
    void reduce_add(inout float values[count]) {                                              \
        [[unroll]] for (uint n = 0; n < count; ++n) values[n] = subgroupAdd(values[n]);       \
    }
