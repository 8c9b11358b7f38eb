// Consecutive words to consecutive lanes, for the CPU family: loads from addresses all lanes share,
// and a choice among them. lavapipe's compiler makes one vector load of it, where a load at each
// lane's own address costs it sixty cycles. Mesa's before 26 does not; there each loads its own.
layout(constant_id = 8) const bool SHARES_LOADS = true;

bool isLane[SUBGROUP_SIZE];

// First thing in main: chosen before any loop, the lanes are constants to the compiler.
void lanes_begin() {
    [[unroll]] for (uint i = 0; i < SUBGROUP_SIZE; ++i) isLane[i] = gl_SubgroupInvocationID == i;
}

// Word `lane` of the `count` words at a 16-byte aligned address, a multiple of four; 0 past them.
uint lane_word(const uint64_t address, const uint count) {
    if (!SHARES_LOADS) {
        const uint lane = gl_SubgroupInvocationID;
        return lane < count ? Words(address).v[lane] : 0;
    }
    Word4s words = Word4s(address);
    uint word = 0;
    [[unroll]] for (uint i = 0; i < SUBGROUP_SIZE / 4; ++i) {
        if (4 * i < count) {
            const uvec4 four = words.v[i];
            [[unroll]] for (uint j = 0; j < 4; ++j) word = mix(word, four[j], isLane[4 * i + j]);
        }
    }
    return word;
}

// Half `lane` of the `count` halves at a 4-byte aligned address, an even number; 0 past them.
float lane_half(const uint64_t address, const uint count) {
    Words words = Words(address);
    uint word = 0;
    bool isSecond = false;
    [[unroll]] for (uint i = 0; i < SUBGROUP_SIZE; ++i) {
        if (i < count) {
            word = mix(word, words.v[i / 2], isLane[i]);
            isSecond = isSecond || i % 2 == 1 && isLane[i];
        }
    }
    const vec2 pair = unpackHalf2x16(word);
    return mix(pair.x, pair.y, isSecond);
}
