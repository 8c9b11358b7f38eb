// The weight format of this variant: each defines load_block, 32 weights of a row at a time.
#if defined(WEIGHTS_Q4_1)
#include "formats/q4_1.glsl"
#elif defined(WEIGHTS_Q8_0)
#include "formats/q8_0.glsl"
#elif defined(WEIGHTS_F16)
#include "formats/f16.glsl"
#elif defined(WEIGHTS_BF16)
#include "formats/bf16.glsl"
#elif defined(WEIGHTS_F32)
#include "formats/f32.glsl"
#endif
