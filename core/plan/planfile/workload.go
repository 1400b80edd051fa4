package planfile

import (
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
)

// Bounds of a workload's numbers.
const (
	minRate    = 1e-6 // of Poisson arrivals, in frames per second
	maxRate    = 1e9
	maxSamples = 4096 // of a query
	maxBound   = 24 * time.Hour
)

// phases are all that frames of instances may lie in.
var phases = []plan.Phase{plan.InPhase, plan.SpreadPhase, plan.RandomPhase}

// checkWorkload reports the first thing that is wrong with the workload.
func (f *File) checkWorkload() error {
	w := &f.Workload
	if !slices.Contains(plan.WorkloadKinds(), w.Kind) {
		return f.Errorf("$.workload.kind", "%w: kind %q; expected %s%s", ErrWorkload, w.Kind, kinds(" or ",
			plan.WorkloadKinds()...), nearest.Hint(w.Kind, plan.WorkloadKinds()))
	}
	for _, check := range []func() error{f.checkForeign, f.checkKind, f.checkRecord} {
		if err := check(); err != nil {
			return err
		}
	}
	switch {
	case w.Kind == plan.Recorded && w.Record == nil && w.Frames == 0:
		return nil // as many as the record has: see TakeArrivals
	case w.Frames < 1:
		return f.Errorf("$.workload.frames", "%w: %d frames; expected at least 1", ErrWorkload, w.Frames)
	case w.Kind == plan.MultiStream && w.Frames%int64(w.Query()) != 0:
		return f.Errorf("$.workload.frames", "%w: %d frames make no whole number of queries of %d; expected a multiple of it",
			ErrWorkload, w.Frames, w.Query())
	case w.Rule().Check() != nil:
		return f.Errorf("$.workload", "%w: %w", ErrWorkload, w.Rule().Check())
	case !(w.Precision >= 0 && w.Precision < 1):
		return f.Errorf("$.workload.precision", "%w: precision %g; expected a fraction such as 0.02, or 0 to run all "+
			"frames", ErrWorkload, w.Precision)
	case w.Deadline < 0:
		return f.Errorf("$.workload.deadline", "%w: deadline %v; expected a latency such as 100ms, or nothing for none",
			ErrWorkload, w.Deadline)
	case w.Warmup < 0 || w.Warmup >= w.Frames:
		return f.Errorf("$.workload.warmup", "%w: %d warm-up frames of %d in all; at least one frame must count",
			ErrWorkload, w.Warmup, w.Frames)
	case w.Kind == plan.MultiStream && w.Warmup%int64(w.Query()) != 0:
		return f.Errorf("$.workload.warmup", "%w: %d warm-up frames make no whole number of queries of %d; expected a "+
			"multiple of it", ErrWorkload, w.Warmup, w.Query())
	}
	return nil
}

// kinds lists kinds of workload.
func kinds(last string, list ...plan.WorkloadKind) string {
	var names []string
	for _, k := range list {
		names = append(names, string(k))
	}
	if n := len(names) - 1; n > 0 {
		return strings.Join(names[:n], ", ") + last + names[n]
	}
	return names[0]
}

// checkForeign refuses keys that other kinds of workload have.
func (f *File) checkForeign() error {
	w := &f.Workload
	for _, k := range []struct {
		key   string
		given bool
		of    []plan.WorkloadKind
	}{
		{"period", w.Period != 0, []plan.WorkloadKind{plan.Camera}},
		{"rate", w.Rate != 0, []plan.WorkloadKind{plan.Poisson, plan.ServerScenario}},
		{"phase", w.Phase != "", []plan.WorkloadKind{plan.Camera, plan.Recorded}},
		{"samples_per_query", w.Samples != 0, []plan.WorkloadKind{plan.MultiStream}},
		{"latency_bound", w.Bound != 0, []plan.WorkloadKind{plan.ServerScenario}},
		{"percentile", w.Percentile != 0, []plan.WorkloadKind{plan.ServerScenario}},
		{"arrivals", w.Arrivals != "", []plan.WorkloadKind{plan.Recorded}},
		{"column", w.Column != "", []plan.WorkloadKind{plan.Recorded}},
		{"loop", w.Loop, []plan.WorkloadKind{plan.Recorded}},
		{"drop", w.Drop != "", []plan.WorkloadKind{plan.Camera, plan.Poisson, plan.Recorded}},
		{"queue", w.Queue != 0, []plan.WorkloadKind{plan.Camera, plan.Poisson, plan.Recorded}},
	} {
		if k.given && !slices.Contains(k.of, w.Kind) {
			return f.Errorf("$.workload."+k.key, "%w: only %s workloads have %s; this one is %s: remove the key", ErrWorkload,
				kinds(" and ", k.of...), k.key, w.Kind)
		}
	}
	return nil
}

// checkKind reports what is wrong with the keys of a kind's own.
func (f *File) checkKind() error {
	w := &f.Workload
	switch {
	case w.Kind == plan.Camera && w.Period <= 0:
		return f.Errorf("$.workload", "%w: a camera needs a period, such as period: 100ms", ErrWorkload)
	case w.Random() && !(w.Rate >= minRate && w.Rate <= maxRate):
		return f.Errorf("$.workload", "%w: rate %g of Poisson arrivals; expected frames per second from %g to %g, such as "+
			"rate: 30", ErrWorkload, w.Rate, minRate, maxRate)
	case w.Samples < 0 || w.Samples > maxSamples:
		return f.Errorf("$.workload.samples_per_query", "%w: queries of %d frames; expected 1 to %d", ErrWorkload, w.Samples,
			maxSamples)
	case w.Kind == plan.ServerScenario && !(w.Bound > 0 && w.Bound <= maxBound):
		return f.Errorf("$.workload", "%w: latency bound %v; expected more than 0 and at most %v, such as latency_bound: "+
			"100ms", ErrWorkload, w.Bound, maxBound)
	case !(w.Percentile >= 0 && w.Percentile < 100):
		return f.Errorf("$.workload.percentile", "%w: percentile %g; expected more than 0 and less than 100, such as 99",
			ErrWorkload, w.Percentile)
	case w.Phase != "" && !slices.Contains(phases, w.Phase):
		return f.Errorf("$.workload.phase", "%w: phase %q; expected %s, %s or %s%s", ErrWorkload, w.Phase, plan.InPhase,
			plan.SpreadPhase, plan.RandomPhase, nearest.Hint(w.Phase, phases))
	}
	return nil
}

// checkRecord reports what is wrong with recorded arrivals.
func (f *File) checkRecord() error {
	w := &f.Workload
	switch {
	case w.Kind != plan.Recorded:
		return nil
	case w.Arrivals == "":
		return f.Errorf("$.workload", "%w: recorded arrivals need the file that has them, such as arrivals: times.csv",
			ErrWorkload)
	case !w.Loop && w.Drops():
		return f.Errorf("$.workload.drop", "%w: of a record that ends, dropped frames would be missing at its end; add "+
			"loop: "+
			"true, or leave drop out", ErrWorkload)
	case !w.Loop && w.Phase != "" && w.Phase != plan.InPhase:
		return f.Errorf("$.workload.phase", "%w: phase %s of a record that ends would leave out its first frames; add loop: "+
			"true", ErrWorkload, w.Phase)
	case w.Record != nil && !w.Loop && w.Frames > int64(len(w.Record.TimesNs)):
		return f.Errorf("$.workload.frames", "%w: %d frames, and %s has %d times; ask for at most that many, or add loop: "+
			"true",
			ErrWorkload, w.Frames, w.Arrivals, len(w.Record.TimesNs))
	}
	return nil
}

// TakeArrivals gives the workload its recorded arrivals: the text of the file that it names. Without
// a number of frames there are as many as it has times. Errors wrap yamlfile.ErrInput and
// arrival.ErrRecord.
func (f *File) TakeArrivals(text []byte) error {
	w := &f.Workload
	r, err := arrival.Parse(w.Arrivals, text, w.Column)
	if err != nil {
		return f.Errorf("$.workload.arrivals", "%w: %w", ErrWorkload, err)
	}
	if w.Loop {
		if r, err = r.Looped(); err != nil {
			return f.Errorf("$.workload.loop", "%w: %s: %w", ErrWorkload, w.Arrivals, err)
		}
	}
	w.Record = r
	if w.Frames == 0 {
		w.Frames = int64(len(r.TimesNs))
	}
	return nil
}
