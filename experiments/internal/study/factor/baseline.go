package factor

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Baseline is the name of the factor that makes the baselines. Its level is empty in all other
// cases.
const Baseline = "baseline"

// NewBaselines returns the factor of the three baselines over a base, to be applied after all
// others: all on the endpoint, and all on the server with raw input and with JPEG input. Errors wrap
// ErrTarget where the base has none.
func NewBaselines(b *Base) (*Factor, error) {
	if err := cuttable(b.File); err != nil {
		return nil, err
	}
	var sources []string
	for i := range b.File.Application.Actors {
		if a := &b.File.Application.Actors[i]; len(a.In) == 0 && a.Model == "" && len(a.Configures) == 0 {
			sources = append(sources, a.Name)
		}
	}
	if len(sources) != 1 || len(b.Actors) == 0 || b.Actors[0] != sources[0] {
		return nil, fmt.Errorf("%w: the application begins with %d actors without inputs (%v), and not one, whose tokens "+
			"would go to the server", ErrTarget, len(sources), sources)
	}
	f := &Factor{Name: Baseline}
	k := baseline{}
	for _, c := range result.BaselineCases(result.Case{}) {
		at := Place{Cut: b.Actors[0], Codec: c.Codec}
		if c.Baseline == result.AllOnEndpoint {
			at.Cut = b.Actors[len(b.Actors)-1]
		}
		k[c.Label] = at
		f.Levels = append(f.Levels, Level{Text: c.Label, Number: math.NaN()})
	}
	f.kind = k
	return f, nil
}

// Place is where a baseline cuts, and what codes what crosses there.
type Place struct{ Cut, Codec string }

// PlaceOf returns where a level of the factor of the baselines cuts.
func (f *Factor) PlaceOf(l Level) Place { return f.kind.(baseline)[l.Text] }

// baseline is where each baseline cuts, by its name.
type baseline map[string]Place

func (k baseline) parse(_ *planfile.File, text string) (Level, error) {
	l := Level{Text: text, Number: math.NaN()}
	if _, known := k[text]; !known && text != "" {
		return l, fmt.Errorf("%w: there is no baseline %q%s", ErrLevel, text, nearest.Hint(text, slices.Sorted(maps.Keys(k))))
	}
	return l, nil
}

func (baseline) format(*planfile.File, float64) string { return "" }

func (k baseline) apply(t *Target, l Level) error {
	if l.Text == "" {
		return nil
	}
	at := k[l.Text]
	for i := range t.File.Instances {
		in := &t.File.Instances[i]
		if len(in.Mapping) == 0 || in.Mapping[0].Through == "" {
			continue
		}
		in.Mapping = slices.Clone(in.Mapping)
		in.Mapping[0].Through = at.Cut
		if in.Codec = at.Codec; at.Codec == codec.None {
			in.Codec = ""
		}
	}
	return nil
}
