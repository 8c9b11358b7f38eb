#define _GNU_SOURCE
#include "cvulkan.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>

const char *pumice_load_global(PumiceGlobalFunctions *functions) {
    void *library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
    PFN_vkGetInstanceProcAddr get =
        (PFN_vkGetInstanceProcAddr)dlsym(library, "vkGetInstanceProcAddr");
    if (!get) return "vkGetInstanceProcAddr";
    functions->GetInstanceProcAddr = get;
#define LOAD(name)                                              \
    {                                                           \
        PFN_vkVoidFunction pointer = get(NULL, "vk" #name);     \
        if (!pointer) return "vk" #name;                        \
        functions->name = (PFN_vk##name)pointer;                \
    }
    PUMICE_GLOBAL_FUNCTIONS(LOAD)
#undef LOAD
    return NULL;
}

const char *pumice_load_instance(PumiceInstanceFunctions *functions,
                                 const PumiceGlobalFunctions *global, VkInstance instance) {
#define LOAD(name)                                                                      \
    {                                                                                   \
        PFN_vkVoidFunction pointer = global->GetInstanceProcAddr(instance, "vk" #name); \
        if (!pointer) return "vk" #name;                                                \
        functions->name = (PFN_vk##name)pointer;                                        \
    }
    PUMICE_INSTANCE_FUNCTIONS(LOAD)
#undef LOAD
    functions->CreateDebugUtilsMessengerEXT =
        (PFN_vkCreateDebugUtilsMessengerEXT)global->GetInstanceProcAddr(
            instance, "vkCreateDebugUtilsMessengerEXT");
    functions->DestroyDebugUtilsMessengerEXT =
        (PFN_vkDestroyDebugUtilsMessengerEXT)global->GetInstanceProcAddr(
            instance, "vkDestroyDebugUtilsMessengerEXT");
    functions->GetPhysicalDeviceCooperativeMatrixPropertiesKHR =
        (PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR)global->GetInstanceProcAddr(
            instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
    functions->GetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV =
        (PFN_vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV)
            global->GetInstanceProcAddr(
                instance, "vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV");
    return NULL;
}

const char *pumice_load_device(PumiceDeviceFunctions *functions,
                               const PumiceInstanceFunctions *instance, VkDevice device) {
#define LOAD(name)                                                                  \
    {                                                                               \
        PFN_vkVoidFunction pointer = instance->GetDeviceProcAddr(device, "vk" #name); \
        if (!pointer) return "vk" #name;                                            \
        functions->name = (PFN_vk##name)pointer;                                    \
    }
    PUMICE_DEVICE_FUNCTIONS(LOAD)
#undef LOAD
    functions->CmdBeginDebugUtilsLabelEXT =
        (PFN_vkCmdBeginDebugUtilsLabelEXT)instance->GetDeviceProcAddr(
            device, "vkCmdBeginDebugUtilsLabelEXT");
    functions->CmdEndDebugUtilsLabelEXT =
        (PFN_vkCmdEndDebugUtilsLabelEXT)instance->GetDeviceProcAddr(
            device, "vkCmdEndDebugUtilsLabelEXT");
    functions->SetDebugUtilsObjectNameEXT =
        (PFN_vkSetDebugUtilsObjectNameEXT)instance->GetDeviceProcAddr(
            device, "vkSetDebugUtilsObjectNameEXT");
    return NULL;
}

VkBool32 pumice_debug_callback(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                               VkDebugUtilsMessageTypeFlagsEXT types,
                               const VkDebugUtilsMessengerCallbackDataEXT *data,
                               void *user_data) {
    (void)types;
    if (severity & VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT) {
        atomic_fetch_add((_Atomic uint64_t *)user_data, 1);
    }
    fprintf(stderr, "vulkan: %s\n", data && data->pMessage ? data->pMessage : "(no message)");
    return VK_FALSE;
}

const char *pumice_probe_library(const char *name, const char *symbol, char *path,
                                 size_t path_size) {
    // As the Vulkan loader opens drivers. It stays open: drivers dislike being unloaded.
    void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    if (!library) return dlerror();
    void *address = dlsym(library, symbol);
    if (!address) return dlerror();
    Dl_info info;
    int is_known = dladdr(address, &info) && info.dli_fname;
    snprintf(path, path_size, "%s", is_known ? info.dli_fname : name);
    return NULL;
}

uint32_t pumice_loader_version(const PumiceGlobalFunctions *functions) {
    PFN_vkEnumerateInstanceVersion enumerate =
        (PFN_vkEnumerateInstanceVersion)functions->GetInstanceProcAddr(
            NULL, "vkEnumerateInstanceVersion");
    uint32_t version = VK_API_VERSION_1_0;
    if (enumerate) enumerate(&version);
    return version;
}
