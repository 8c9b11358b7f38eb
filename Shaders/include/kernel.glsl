// What every kernel begins with: extensions, the shared parameter structs, and the buffers that
// device addresses are cast to. Alignments are those of the data, so that vectors load whole.
//
// Loops that load from addresses all lanes share are written `do { } while (condition)`: lavapipe
// 26 runs such a load even where no lane is active any more, and after a loop's condition at its
// head that is one step past the end.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_scalar_block_layout : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_KHR_shader_subgroup_basic : require

#include "shader_params.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint SUBGROUP_SIZE = 8;

#define BUFFER(name, type, alignment) \
    layout(buffer_reference, scalar, buffer_reference_align = alignment) buffer name { type v[]; }

BUFFER(Floats, float, 4);
BUFFER(Float4s, vec4, 16);
BUFFER(Words, uint, 4);
BUFFER(Word2s, uvec2, 8);
BUFFER(Word4s, uvec4, 16);
BUFFER(Halves, float16_t, 2);
BUFFER(Shorts, uint16_t, 2);
BUFFER(HalfPairs, uint, 4);
