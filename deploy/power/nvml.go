package power

import (
	"errors"
	"fmt"
	"time"
)

// GPU is what is asked of one of NVIDIA's GPUs. A value that it doesn't have is an error that
// wraps ErrNotSupported.
type GPU interface {
	Name() string
	Watts() (float64, error)
	// Joules counts since the driver was loaded.
	Joules() (float64, error)
}

// Library is NVIDIA's management library, opened.
type Library interface {
	// GPUs returns those of the machine, in their order.
	GPUs() ([]GPU, error)
}

// nvmlPeriod is how often a GPU has a new value; NVIDIA doesn't say. Tried on several: Yang et
// al., Part-time Power Measurements: nvidia-smi's Lack of Attention, SC 2024, report 20 to
// 100 ms.
const nvmlPeriod = 100 * time.Millisecond

// nvidia finds the GPUs that NVML knows. A GPU that counts energy is read by its counter, else
// by its power; one that shows neither is missing, as those of Jetson modules are.
func nvidia(load func() (Library, error)) (Meter, []Missing) {
	lib, err := load()
	if err != nil {
		return nil, []Missing{{"nvml", err.Error()}}
	}
	gpus, err := lib.GPUs()
	if err != nil {
		return nil, []Missing{{"nvml", err.Error()}}
	}
	m := &nvmlMeter{about: About{
		Name: "nvml", Of: "GPU boards: not the whole machine", Period: nvmlPeriod, PeriodFrom: "assumed, see SC 2024",
	}}
	var missing []Missing
	for i, g := range gpus {
		label := fmt.Sprintf("%d %s", i, g.Name())
		read := g.Joules
		rail := Rail{Label: label, Counter: true, Source: "nvmlDeviceGetTotalEnergyConsumption", InTotal: true}
		_, err := read()
		if errors.Is(err, ErrNotSupported) {
			rail.Counter, rail.Source, read = false, "nvmlDeviceGetPowerUsage", g.Watts
			_, err = read()
		}
		if err != nil {
			missing = append(missing, Missing{"nvml, GPU " + label, err.Error()})
			continue
		}
		m.about.Rails, m.read = append(m.about.Rails, rail), append(m.read, read)
	}
	if len(m.read) == 0 {
		if len(missing) == 0 {
			missing = []Missing{{"nvml", "NVIDIA's driver is there, and no GPU"}}
		}
		return nil, missing
	}
	return m, missing
}

type nvmlMeter struct {
	about About
	read  []func() (float64, error)
}

func (m *nvmlMeter) About() About { return m.about }

func (m *nvmlMeter) Read() []Reading {
	all := make([]Reading, len(m.read))
	for i, read := range m.read {
		all[i].Value, all[i].Err = read()
	}
	return all
}
