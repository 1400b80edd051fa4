package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/reference"
	"github.com/edgeprune/edgeprune/deploy/sysstate"
)

// fingerprint says what the device is, how it is set, and what runs on it.
func (a *Agent) fingerprint() *device.Fingerprint {
	f := sysstate.Fingerprint(a.cfg.Root)
	_ = a.loadLibrary() // then it has no version
	f.Runtime, f.Providers, f.Program = ort.Version(), ort.Providers(), a.cfg.Version
	return &f
}

// referenceLimit bounds a timing of the reference computation, which takes some 80 ms on a PC.
const referenceLimit = 5 * time.Second

// reference times the reference computation on the device, on which no run may be loaded: it
// would disturb that.
func (a *Agent) reference() (time.Duration, error) {
	if err := a.loadLibrary(); err != nil {
		return 0, fmt.Errorf("device %s: %w", a.cfg.Device, err)
	}
	if r := a.loading.Load(); r != nil {
		return 0, fmt.Errorf("device %s: %w: %s, which timing the reference computation would disturb", a.cfg.Device,
			ErrAtWork, r.run)
	}
	a.timing.Lock()
	defer a.timing.Unlock()
	if a.kernel == nil {
		k, err := reference.New()
		if err != nil {
			return 0, fmt.Errorf("device %s: %w", a.cfg.Device, err)
		}
		a.kernel = k
	}
	ctx, cancel := context.WithTimeout(context.Background(), referenceLimit)
	defer cancel()
	return a.kernel.Time(ctx)
}

// endReference frees the reference computation, if it was used.
func (a *Agent) endReference() error {
	a.timing.Lock()
	defer a.timing.Unlock()
	if a.kernel == nil {
		return nil
	}
	k := a.kernel
	a.kernel = nil
	return k.Close()
}
