//go:build cgo && linux

package power

import (
	"errors"
	"fmt"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// NVML opens NVIDIA's management library, libnvidia-ml.so.1, which comes with the driver. It
// is looked for now, and never needed to build or start the program. It stays open.
func NVML() (Library, error) {
	lib := nvml.New()
	switch r := lib.Init(); {
	case errors.Is(r, nvml.ERROR_LIBRARY_NOT_FOUND):
		return nil, fmt.Errorf("power: libnvidia-ml.so.1 is not there: it comes with NVIDIA's driver, which a machine "+
			"without an NVIDIA GPU doesn't have; in a container, start it with the NVIDIA runtime (%w)", r)
	case !errors.Is(r, nvml.SUCCESS):
		return nil, nvmlError("nvmlInit", r)
	}
	return library{lib}, nil
}

func nvmlError(call string, r nvml.Return) error {
	switch {
	case errors.Is(r, nvml.SUCCESS):
		return nil
	case errors.Is(r, nvml.ERROR_NOT_SUPPORTED):
		return fmt.Errorf("power: %s: %w", call, ErrNotSupported)
	}
	return fmt.Errorf("power: %s: %w", call, r)
}

type library struct{ nvml.Interface }

func (l library) GPUs() ([]GPU, error) {
	n, r := l.DeviceGetCount()
	if err := nvmlError("nvmlDeviceGetCount", r); err != nil {
		return nil, err
	}
	var all []GPU
	for i := range n {
		d, r := l.DeviceGetHandleByIndex(i)
		if err := nvmlError("nvmlDeviceGetHandleByIndex", r); err != nil {
			return nil, err
		}
		all = append(all, gpu{d})
	}
	return all, nil
}

type gpu struct{ nvml.Device }

func (g gpu) Name() string {
	name, r := g.GetName()
	if !errors.Is(r, nvml.SUCCESS) {
		return "GPU without a name"
	}
	return name
}

func (g gpu) Watts() (float64, error) {
	mw, r := g.GetPowerUsage()
	return float64(mw) * 1e-3, nvmlError("nvmlDeviceGetPowerUsage", r)
}

func (g gpu) Joules() (float64, error) {
	mj, r := g.GetTotalEnergyConsumption()
	return float64(mj) * 1e-3, nvmlError("nvmlDeviceGetTotalEnergyConsumption", r)
}
