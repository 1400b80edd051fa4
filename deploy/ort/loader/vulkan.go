package loader

/*
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// What is needed of vulkan_core.h, of version 1.0, which no later one changes.
typedef struct { int32_t type; const void *next; uint32_t flags; const void *app;
	uint32_t layers; const char *const *layer_names; uint32_t exts; const char *const *ext_names; } instance_info;
typedef struct { uint32_t api, driver, vendor, device; int32_t kind; char name[256]; char rest[2048]; } properties;
typedef void *(*get_proc)(void *instance, const char *name);

enum { max_devices = 16 };

// vulkan_devices writes names and kinds of up to max_devices devices and returns their
// number, or the negative VkResult, or -1000 if the loader lacks a function.
static int vulkan_devices(void *lib, char names[][256], int32_t *kinds) {
	get_proc get = (get_proc)dlsym(lib, "vkGetInstanceProcAddr");
	if (!get) return -1000;
	int32_t (*create)(const void *, const void *, void **) =
		(int32_t (*)(const void *, const void *, void **))get(NULL, "vkCreateInstance");
	if (!create) return -1000;
	instance_info info = {.type = 1};
	void *instance = NULL;
	int32_t result = create(&info, NULL, &instance);
	if (result < 0) return result;
	int32_t (*enumerate)(void *, uint32_t *, void **) =
		(int32_t (*)(void *, uint32_t *, void **))get(instance, "vkEnumeratePhysicalDevices");
	void (*describe)(void *, properties *) =
		(void (*)(void *, properties *))get(instance, "vkGetPhysicalDeviceProperties");
	void (*destroy)(void *, const void *) = (void (*)(void *, const void *))get(instance, "vkDestroyInstance");
	if (!enumerate || !describe || !destroy) return -1000;
	void *devices[max_devices];
	uint32_t n = max_devices;
	result = enumerate(instance, &n, devices); // 5, incomplete, if there are more
	if (result >= 0) {
		for (uint32_t i = 0; i < n; i++) {
			properties p;
			describe(devices[i], &p);
			memcpy(names[i], p.name, sizeof p.name);
			names[i][255] = 0;
			kinds[i] = p.kind;
		}
		result = (int32_t)n;
	}
	destroy(instance, NULL);
	return result;
}
*/
import "C"

import (
	"cmp"
	"fmt"
	"os"
)

// vulkanLibrary is the name of the Vulkan loader, which WebGPU opens.
const vulkanLibrary = "libvulkan.so.1"

// Device is a device that a Vulkan driver offers.
type Device struct {
	Name string `json:"name"` // by its driver, such as SwiftShader Device (LLVM 10.0.0)
	Kind string `json:"kind"` // discrete GPU, integrated GPU, virtual GPU, CPU or other
}

// deviceKinds are those of VkPhysicalDeviceType.
var deviceKinds = []string{"other", "integrated GPU", "discrete GPU", "virtual GPU", "CPU"}

// Vulkan lists the devices of all Vulkan drivers that the loader finds, 16 at most. Where
// there is none, the error wraps ErrVulkan and says what to install.
func Vulkan() ([]Device, error) { return devices(vulkanLibrary) }

func devices(library string) ([]Device, error) {
	lib, err := open(library)
	if err != nil {
		return nil, fmt.Errorf("%w: the Vulkan loader %w; install it (Debian: libvulkan1) with your GPU's driver",
			ErrVulkan, err)
	}
	names := make([][256]C.char, C.max_devices)
	kinds := make([]C.int32_t, C.max_devices)
	n := int(C.vulkan_devices(lib, &names[0], &kinds[0]))
	if n <= 0 {
		where := "in the system's folders"
		if files := cmp.Or(os.Getenv("VK_DRIVER_FILES"), os.Getenv("VK_ICD_FILENAMES")); files != "" {
			where = "in " + files + ", which the environment names,"
		}
		return nil, fmt.Errorf("%w: the Vulkan loader finds no driver that works %s (result %d); install your GPU's driver "+
			"(Debian: mesa-vulkan-drivers or nvidia-vulkan-icd)", ErrVulkan, where, n)
	}
	list := make([]Device, n)
	for i := range list {
		list[i].Name = C.GoString(&names[i][0])
		list[i].Kind = "other"
		if k := int(kinds[i]); k >= 0 && k < len(deviceKinds) {
			list[i].Kind = deviceKinds[k]
		}
	}
	return list, nil
}
