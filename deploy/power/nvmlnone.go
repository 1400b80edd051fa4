//go:build !cgo || !linux

package power

import "errors"

// NVML says that the program was built without NVIDIA's management library.
func NVML() (Library, error) {
	return nil, errors.New("power: this program was built without cgo, which NVIDIA's management library needs")
}
