package loader

import "errors"

var (
	// ErrOpen: a shared library can not be opened, or is none of the kind.
	ErrOpen = errors.New("can not be loaded")
	// ErrVulkan: there is no Vulkan loader, driver or device.
	ErrVulkan = errors.New("no Vulkan device")
)
