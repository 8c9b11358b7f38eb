// Vulkan as a C module: the headers without prototypes, tables of the functions Pumice calls, and
// a loader that opens libvulkan at run time, so that the binary starts where there is none.
#ifndef PUMICE_CVULKAN_H
#define PUMICE_CVULKAN_H

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

#include "driver_threads.h"
#include "newer.h"

#define PUMICE_GLOBAL_FUNCTIONS(F) \
    F(CreateInstance)              \
    F(EnumerateInstanceLayerProperties) \
    F(EnumerateInstanceExtensionProperties)

#define PUMICE_INSTANCE_FUNCTIONS(F)       \
    F(CreateDevice)                        \
    F(DestroyInstance)                     \
    F(EnumerateDeviceExtensionProperties)  \
    F(EnumeratePhysicalDevices)            \
    F(GetDeviceProcAddr)                   \
    F(GetPhysicalDeviceFeatures2)          \
    F(GetPhysicalDeviceMemoryProperties2)  \
    F(GetPhysicalDeviceProperties2)        \
    F(GetPhysicalDeviceQueueFamilyProperties)

#define PUMICE_DEVICE_FUNCTIONS(F)   \
    F(AllocateCommandBuffers)        \
    F(AllocateMemory)                \
    F(BeginCommandBuffer)            \
    F(BindBufferMemory)              \
    F(CmdBindPipeline)               \
    F(CmdCopyBuffer)                 \
    F(CmdCopyQueryPoolResults)       \
    F(CmdDispatch)                   \
    F(CmdFillBuffer)                 \
    F(CmdPipelineBarrier)            \
    F(CmdPushConstants)              \
    F(CmdResetQueryPool)             \
    F(CmdWriteTimestamp)             \
    F(CreateBuffer)                  \
    F(CreateCommandPool)             \
    F(CreateComputePipelines)        \
    F(CreatePipelineCache)           \
    F(CreatePipelineLayout)          \
    F(CreateQueryPool)               \
    F(CreateSemaphore)               \
    F(CreateShaderModule)            \
    F(DestroyBuffer)                 \
    F(DestroyCommandPool)            \
    F(DestroyDevice)                 \
    F(DestroyPipeline)               \
    F(DestroyPipelineCache)          \
    F(DestroyPipelineLayout)         \
    F(DestroyQueryPool)              \
    F(DestroySemaphore)              \
    F(DestroyShaderModule)           \
    F(DeviceWaitIdle)                \
    F(EndCommandBuffer)              \
    F(FreeMemory)                    \
    F(GetBufferDeviceAddress)        \
    F(GetBufferMemoryRequirements)   \
    F(GetDeviceQueue)                \
    F(GetPipelineCacheData)          \
    F(GetSemaphoreCounterValue)      \
    F(MapMemory)                     \
    F(QueueSubmit)                   \
    F(ResetCommandPool)              \
    F(WaitSemaphores)

#define PUMICE_MEMBER(name) PFN_vk##name _Nonnull name;

typedef struct {
    PFN_vkGetInstanceProcAddr _Nonnull GetInstanceProcAddr;
    PUMICE_GLOBAL_FUNCTIONS(PUMICE_MEMBER)
} PumiceGlobalFunctions;

typedef struct {
    PUMICE_INSTANCE_FUNCTIONS(PUMICE_MEMBER)
    // VK_EXT_debug_utils, null where it is not enabled.
    PFN_vkCreateDebugUtilsMessengerEXT _Nullable CreateDebugUtilsMessengerEXT;
    PFN_vkDestroyDebugUtilsMessengerEXT _Nullable DestroyDebugUtilsMessengerEXT;
    // VK_KHR_cooperative_matrix and VK_NV_cooperative_matrix2, null where no driver has them.
    PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR _Nullable
        GetPhysicalDeviceCooperativeMatrixPropertiesKHR;
    PFN_vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV _Nullable
        GetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV;
} PumiceInstanceFunctions;

typedef struct {
    PUMICE_DEVICE_FUNCTIONS(PUMICE_MEMBER)
    // VK_EXT_debug_utils, null where it is not enabled.
    PFN_vkCmdBeginDebugUtilsLabelEXT _Nullable CmdBeginDebugUtilsLabelEXT;
    PFN_vkCmdEndDebugUtilsLabelEXT _Nullable CmdEndDebugUtilsLabelEXT;
    PFN_vkSetDebugUtilsObjectNameEXT _Nullable SetDebugUtilsObjectNameEXT;
} PumiceDeviceFunctions;

#undef PUMICE_MEMBER

/// Opens the Vulkan loader and fills the table. Returns null, or why it could not: the text of
/// dlerror, or the name of a missing function.
const char *_Nullable pumice_load_global(PumiceGlobalFunctions *_Nonnull functions);

/// Fills the table for an instance. Returns null, or the name of a missing function.
const char *_Nullable pumice_load_instance(PumiceInstanceFunctions *_Nonnull functions,
                                           const PumiceGlobalFunctions *_Nonnull global,
                                           VkInstance _Nonnull instance);

/// Fills the table for a device. Returns null, or the name of a missing function.
const char *_Nullable pumice_load_device(PumiceDeviceFunctions *_Nonnull functions,
                                         const PumiceInstanceFunctions *_Nonnull instance,
                                         VkDevice _Nonnull device);

/// Opens a library as the loader opens drivers and looks for a symbol. Returns null and the path of
/// the file that has it, or the text of dlerror.
const char *_Nullable pumice_probe_library(const char *_Nonnull name, const char *_Nonnull symbol,
                                           char *_Nonnull path, size_t path_size);

/// The version of Vulkan that the loader itself speaks.
uint32_t pumice_loader_version(const PumiceGlobalFunctions *_Nonnull functions);

/// A debug messenger's callback: counts errors in the `uint64_t` that `user_data` points to and
/// prints every message to standard error.
VkBool32 pumice_debug_callback(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                               VkDebugUtilsMessageTypeFlagsEXT types,
                               const VkDebugUtilsMessengerCallbackDataEXT *_Nullable data,
                               void *_Nullable user_data);

/// Function-like macros, which Swift does not import.
static inline uint32_t pumice_version_major(uint32_t version) {
    return VK_API_VERSION_MAJOR(version);
}
static inline uint32_t pumice_version_minor(uint32_t version) {
    return VK_API_VERSION_MINOR(version);
}
static inline uint32_t pumice_version_patch(uint32_t version) {
    return VK_API_VERSION_PATCH(version);
}
static const uint32_t pumice_api_version_1_3 = VK_API_VERSION_1_3;

#endif
