/* A layer between a programme and Vulkan's driver, in which a test lets things go wrong.
 *
 * FAULTS_HEAP: bytes that a device says it has. FAULTS_MEMORY: bytes after which it gives no more.
 * FAULTS_SUBMITS: after so many submissions it is lost. Unset: none of these. One device only.
 */
#include <stdlib.h>
#include <string.h>
#include <vulkan/vk_layer.h>

#define MOST 4096

static PFN_vkGetInstanceProcAddr next_of_instance;
static PFN_vkGetDeviceProcAddr next_of_device;
static PFN_vkCreateDevice next_create_device;
static PFN_vkGetPhysicalDeviceMemoryProperties2 next_memory_properties;
static PFN_vkAllocateMemory next_allocate_memory;
static PFN_vkFreeMemory next_free_memory;
static PFN_vkQueueSubmit next_submit;
static struct { VkDeviceMemory memory; VkDeviceSize size; } held[MOST];
static VkDeviceSize taken;
static unsigned long long submits;

static unsigned long long figure(const char * name) {
    const char * set = getenv(name);
    return set ? strtoull(set, NULL, 10) : ~0ull;
}

static VkLayerInstanceCreateInfo * instance_link(const void * chain) {
    for (VkLayerInstanceCreateInfo * at = (void *) chain; at; at = (void *) at->pNext)
        if (at->sType == VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO && at->function == VK_LAYER_LINK_INFO)
            return at;
    return NULL;
}

static VkLayerDeviceCreateInfo * device_link(const void * chain) {
    for (VkLayerDeviceCreateInfo * at = (void *) chain; at; at = (void *) at->pNext)
        if (at->sType == VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO && at->function == VK_LAYER_LINK_INFO)
            return at;
    return NULL;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(
    const VkInstanceCreateInfo * info, const VkAllocationCallbacks * with, VkInstance * made) {
    VkLayerInstanceCreateInfo * link = instance_link(info->pNext);
    next_of_instance = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    PFN_vkCreateInstance next = (PFN_vkCreateInstance) next_of_instance(NULL, "vkCreateInstance");
    VkResult result = next(info, with, made);
    if (result == VK_SUCCESS) { /* later the loader's answer would be this layer again */
        next_create_device = (PFN_vkCreateDevice) next_of_instance(*made, "vkCreateDevice");
        next_memory_properties = (PFN_vkGetPhysicalDeviceMemoryProperties2)
            next_of_instance(*made, "vkGetPhysicalDeviceMemoryProperties2");
    }
    return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_device(
    VkPhysicalDevice of, const VkDeviceCreateInfo * info, const VkAllocationCallbacks * with, VkDevice * made) {
    VkLayerDeviceCreateInfo * link = device_link(info->pNext);
    next_of_device = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    VkResult result = next_create_device(of, info, with, made);
    if (result == VK_SUCCESS) {
        next_allocate_memory = (PFN_vkAllocateMemory) next_of_device(*made, "vkAllocateMemory");
        next_free_memory = (PFN_vkFreeMemory) next_of_device(*made, "vkFreeMemory");
        next_submit = (PFN_vkQueueSubmit) next_of_device(*made, "vkQueueSubmit");
    }
    return result;
}

static VKAPI_ATTR void VKAPI_CALL memory_properties(VkPhysicalDevice of, VkPhysicalDeviceMemoryProperties2 * found) {
    next_memory_properties(of, found);
    for (uint32_t heap = 0; heap < found->memoryProperties.memoryHeapCount; heap++)
        if (found->memoryProperties.memoryHeaps[heap].size > figure("FAULTS_HEAP"))
            found->memoryProperties.memoryHeaps[heap].size = figure("FAULTS_HEAP");
}

static VKAPI_ATTR VkResult VKAPI_CALL allocate_memory(
    VkDevice on, const VkMemoryAllocateInfo * info, const VkAllocationCallbacks * with, VkDeviceMemory * made) {
    if (taken + info->allocationSize > figure("FAULTS_MEMORY"))
        return VK_ERROR_OUT_OF_DEVICE_MEMORY;
    VkResult result = next_allocate_memory(on, info, with, made);
    for (int place = 0; result == VK_SUCCESS && place < MOST; place++)
        if (!held[place].memory) {
            held[place].memory = *made;
            held[place].size = info->allocationSize;
            taken += info->allocationSize;
            break;
        }
    return result;
}

static VKAPI_ATTR void VKAPI_CALL free_memory(
    VkDevice on, VkDeviceMemory memory, const VkAllocationCallbacks * with) {
    for (int place = 0; memory && place < MOST; place++)
        if (held[place].memory == memory) {
            taken -= held[place].size;
            held[place].memory = VK_NULL_HANDLE;
            break;
        }
    next_free_memory(on, memory, with);
}

static VKAPI_ATTR VkResult VKAPI_CALL submit(VkQueue to, uint32_t count, const VkSubmitInfo * infos, VkFence fence) {
    if (++submits > figure("FAULTS_SUBMITS"))
        return VK_ERROR_DEVICE_LOST;
    return next_submit(to, count, infos, fence);
}

static PFN_vkVoidFunction ours(const char * name);

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL of_device(VkDevice on, const char * name) {
    PFN_vkVoidFunction found = ours(name);
    return found ? found : next_of_device(on, name);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL of_instance(VkInstance of, const char * name) {
    PFN_vkVoidFunction found = ours(name);
    return found || !next_of_instance ? found : next_of_instance(of, name);
}

static PFN_vkVoidFunction ours(const char * name) {
    static const struct { const char * name; PFN_vkVoidFunction function; } all[] = {
        {"vkGetInstanceProcAddr", (PFN_vkVoidFunction) of_instance},
        {"vkGetDeviceProcAddr", (PFN_vkVoidFunction) of_device},
        {"vkCreateInstance", (PFN_vkVoidFunction) create_instance},
        {"vkCreateDevice", (PFN_vkVoidFunction) create_device},
        {"vkGetPhysicalDeviceMemoryProperties2", (PFN_vkVoidFunction) memory_properties},
        {"vkGetPhysicalDeviceMemoryProperties2KHR", (PFN_vkVoidFunction) memory_properties},
        {"vkAllocateMemory", (PFN_vkVoidFunction) allocate_memory},
        {"vkFreeMemory", (PFN_vkVoidFunction) free_memory},
        {"vkQueueSubmit", (PFN_vkVoidFunction) submit},
    };
    for (size_t number = 0; number < sizeof all / sizeof *all; number++)
        if (!strcmp(all[number].name, name))
            return all[number].function;
    return NULL;
}

/* These two names are the loader's, too; ours must not call its. */
VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vkGetInstanceProcAddr(VkInstance of, const char * name) {
    return of_instance(of, name);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vkGetDeviceProcAddr(VkDevice on, const char * name) {
    return of_device(on, name);
}
