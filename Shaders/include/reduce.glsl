// How many invocations share a row: lane_index, lane_count and the reductions over them.
#if defined(ROW_PER_WORKGROUP)
#include "reduce_workgroup.glsl"
#else
#include "reduce_subgroup.glsl"
#endif
