// SwiftPM tracks a C target's headers only if it has a source file; this one also checks them.
#include "shader_params.h"

// Vulkan 1.2 guarantees 128 bytes of push constants and no more.
#define FITS(type) _Static_assert(sizeof(struct type) <= 128, #type " is over 128 bytes")
FITS(EmbedParams);
FITS(RMSNormParams);
FITS(MatmulParams);
FITS(RoPEKVWriteParams);
FITS(PagedAttentionParams);
FITS(GatedActivationParams);
FITS(RouteExpertsParams);
FITS(GroupExpertsParams);
FITS(MatmulExpertsParams);
FITS(CombineExpertsParams);
FITS(LoRAShrinkParams);
FITS(LoRAExpandParams);
FITS(SampleParams);
FITS(CopyParams);
FITS(FMAPeakParams);
FITS(EditLogitsParams);
FITS(LogprobsParams);
