package factor

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study/keypath"
)

// valued are the keys of a plan file that its compilation only copies; "*" is any item.
var valued = [][]string{
	{"platform", "links", "*", "bandwidth_bytes_per_sec"},
	{"platform", "links", "*", "latency"},
	{"platform", "links", "*", "jitter", "mean"},
	{"platform", "links", "*", "jitter", "stddev"},
	{"platform", "links", "*", "loss", "rate"},
	{"platform", "links", "*", "loss", "timeout"},
	{"platform", "links", "*", "loss", "window"},
	{"platform", "links", "*", "outages", "*", "from"},
	{"platform", "links", "*", "outages", "*", "for"},
	{"platform", "links", "*", "outages", "*", "every"},
	{"platform", "media", "*", "capacity_bytes_per_sec"},
	{"platform", "devices", "*", "units", "*", "slowdown"},
	{"workload", "frames"},
	{"workload", "period"},
	{"workload", "rate"},
	{"workload", "phase"},
	{"workload", "latency_bound"},
	{"workload", "warmup"},
	{"seed"},
}

// key is a key of the plan file by its path.
type key struct{ path keypath.Path }

func (k key) valued() bool {
	for _, names := range valued {
		if k.path.Len() == len(names) && k.path.Under(names...) {
			return true
		}
	}
	return false
}

func (k key) find(t *Target) (*keypath.Place, error) {
	if t.File != nil {
		return k.path.Find(t.File)
	}
	return k.path.Find(&t.Values)
}

func (k key) parse(f *planfile.File, text string) (Level, error) {
	at, err := k.find(ToFile(f))
	if err != nil {
		return Level{}, err
	}
	v, err := at.Parse(text)
	return Level{Text: text, Number: v.Number}, err
}

func (k key) format(f *planfile.File, number float64) string {
	at, err := k.find(ToFile(f))
	if err != nil {
		return strconv.FormatFloat(number, 'g', -1, 64) // parse says what is wrong
	}
	return at.Format(number)
}

func (k key) apply(t *Target, l Level) error {
	at, err := k.find(t)
	if err != nil {
		return err
	}
	v, err := at.Parse(l.Text)
	if err == nil {
		at.Set(v)
	}
	return err
}

// newKey returns the kind of a path, and what the numbers of its levels are.
func newKey(f *planfile.File, text string) (k key, unit string, whole bool, err error) {
	if k.path, err = keypath.Parse(text); err != nil {
		return k, "", false, err
	}
	at, err := k.path.Find(f)
	if err != nil {
		return k, "", false, err
	}
	unit, whole = at.Unit()
	return k, unit, whole, nil
}

// link returns the name of the link that a factor is of: the one link, where none is named.
func link(f *planfile.File, of string) (string, error) {
	var names []string
	for _, l := range f.Platform.Links {
		if l.Name == of || of == "" && len(f.Platform.Links) == 1 {
			return l.Name, nil
		}
		names = append(names, l.Name)
	}
	if of == "" {
		return "", fmt.Errorf("%w: the plan has several links; say of: which, of %s", ErrTarget, graph.ListNames(names))
	}
	return "", fmt.Errorf("%w: the plan has no link %q; it has %s%s", ErrTarget, of, graph.ListNames(names),
		nearest.Hint(of, names))
}

// frameRate sets the period of a camera, or the mean rate of random frames. Other workloads
// become a camera's.
type frameRate struct{}

func (frameRate) parse(_ *planfile.File, text string) (Level, error) {
	rate, err := strconv.ParseFloat(text, 64)
	if err != nil || !(rate > 0 && rate <= 1e9) {
		return Level{}, fmt.Errorf("%w: a frame rate is a number above 0, in frames per second; found %q", ErrLevel, text)
	}
	return Level{Text: text, Number: rate}, nil
}

func (frameRate) format(_ *planfile.File, rate float64) string {
	return strconv.FormatFloat(rate, 'g', 6, 64)
}

func (frameRate) apply(t *Target, l Level) error {
	w := t.Values.Workload
	if w.Random() {
		w.Rate = l.Number
		return nil
	}
	w.Kind, w.Period = plan.Camera, time.Duration(math.Round(1e9/l.Number))
	w.Samples, w.Arrivals, w.Column, w.Loop, w.Record = 0, "", "", false, nil
	return nil
}

// phase says how the frames of cameras lie to each other.
type phase struct{}

func (phase) parse(_ *planfile.File, text string) (Level, error) {
	return nameOf(text, "phase", []string{string(plan.InPhase), string(plan.SpreadPhase), string(plan.RandomPhase)})
}
func (phase) format(*planfile.File, float64) string { return "" }

func (phase) apply(t *Target, l Level) error {
	t.Values.Workload.Phase = plan.Phase(l.Text)
	return nil
}

// profiles chooses one of the study's profiles.
type profiles struct{ names []string }

func (p profiles) parse(_ *planfile.File, text string) (Level, error) {
	return nameOf(text, "profile", p.names)
}
func (p profiles) format(*planfile.File, float64) string { return "" }

func (profiles) apply(t *Target, l Level) error {
	t.Profile = l.Text
	return nil
}

// count is how many there are of an endpoint.
type count struct{ device string }

func (count) parse(_ *planfile.File, text string) (Level, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > planfile.MaxCopies {
		return Level{}, fmt.Errorf("%w: a count is a whole number from 1 to %d; found %q", ErrLevel, planfile.MaxCopies, text)
	}
	return Level{Text: strconv.Itoa(n), Number: float64(n)}, nil
}

func (count) format(_ *planfile.File, n float64) string { return strconv.FormatFloat(n, 'f', 0, 64) }

func (c count) apply(t *Target, l Level) error {
	if t.File == nil {
		return errors.New("the copies are made before a plan is compiled")
	}
	t.File.SetCount(c.device, int(l.Number))
	return nil
}
