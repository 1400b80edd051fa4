package planfile

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
)

// Bounds of the rate of Poisson arrivals, in frames per second.
const (
	minRate = 1e-6
	maxRate = 1e9
)

func (f *File) checkWorkload() error {
	w := f.Workload
	switch {
	case !slices.Contains([]plan.WorkloadKind{plan.SingleStream, plan.Offline, plan.Camera, plan.Poisson}, w.Kind):
		return f.Errorf("$.workload.kind", "%w: kind %q; expected %s, %s, %s or %s",
			ErrWorkload, w.Kind, plan.SingleStream, plan.Offline, plan.Camera, plan.Poisson)
	case w.Frames < 1:
		return f.Errorf("$.workload.frames", "%w: %d frames; expected at least 1", ErrWorkload, w.Frames)
	case w.Kind == plan.Camera && w.Period <= 0:
		return f.Errorf("$.workload", "%w: a camera needs a period, such as period: 100ms", ErrWorkload)
	case w.Kind == plan.Poisson && !(w.Rate >= minRate && w.Rate <= maxRate):
		return f.Errorf("$.workload", "%w: rate %g of Poisson arrivals; expected frames per second from %g to %g, such as "+
			"rate: 30", ErrWorkload, w.Rate, minRate, maxRate)
	case w.Kind != plan.Poisson && w.Rate != 0:
		return f.Errorf("$.workload.rate", "%w: only %s arrivals have a rate; remove it", ErrWorkload, plan.Poisson)
	case !w.Scheduled() && (w.Drop != "" || w.Queue != 0):
		return f.Errorf("$.workload", "%w: only %s and %s workloads drop frames, or have a queue of them; remove drop and "+
			"queue", ErrWorkload, plan.Camera, plan.Poisson)
	case w.Rule().Check() != nil:
		return f.Errorf("$.workload", "%w: %w", ErrWorkload, w.Rule().Check())
	case w.Kind != plan.Camera && w.Period != 0:
		return f.Errorf("$.workload.period", "%w: only a %s has a period; remove it", ErrWorkload, plan.Camera)
	case !(w.Precision >= 0 && w.Precision < 1):
		return f.Errorf("$.workload.precision", "%w: precision %g; expected a fraction such as 0.02, or 0 to run all "+
			"frames", ErrWorkload, w.Precision)
	case w.Warmup < 0 || w.Warmup >= w.Frames:
		return f.Errorf("$.workload.warmup", "%w: %d warm-up frames of %d in all; at least one frame must count",
			ErrWorkload, w.Warmup, w.Frames)
	}
	return nil
}
