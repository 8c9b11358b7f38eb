// The elements of cooperative matrices and how floats become them: halves, of which values beyond
// the range become the greatest (an activation of 70000 is an outlier, and infinity would spoil the
// whole token), or brain floats, which have the range of floats.
#if defined(MATRIX_BF16)
#define ELEMENT bfloat16_t
uint pack_pair(const vec2 pair) {
    const uvec2 bits = floatBitsToUint(pair);
    const uvec2 rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;  // half to even
    return rounded.x | rounded.y << 16;
}
#else
#define ELEMENT float16_t
uint pack_pair(const vec2 pair) {
    return packHalf2x16(clamp(pair, -65504, 65504));
}
#endif

uvec4 pack_elements(const vec4 low, const vec4 high) {
    return uvec4(pack_pair(low.xy), pack_pair(low.zw), pack_pair(high.xy), pack_pair(high.zw));
}
