package factor

import (
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// cut moves the partition point of all instances whose mapping begins with through.
type cut struct{ actors []string }

func (c cut) parse(_ *planfile.File, text string) (Level, error) {
	return nameOf(text, "actor", c.actors)
}
func (c cut) format(*planfile.File, float64) string { return "" }

func (c cut) apply(t *Target, l Level) error {
	for i := range t.File.Instances {
		in := &t.File.Instances[i]
		if len(in.Mapping) == 0 || in.Mapping[0].Through == "" {
			continue
		}
		in.Mapping = slices.Clone(in.Mapping)
		in.Mapping[0].Through = l.Text
	}
	return nil
}

// coding sets the codec of all instances.
type coding struct{}

func (coding) parse(_ *planfile.File, text string) (Level, error) {
	if _, err := codec.Parse(text); err != nil {
		return Level{}, fmt.Errorf("%w: %w", ErrLevel, err)
	}
	return Level{Text: text, Number: math.NaN()}, nil
}

func (coding) format(*planfile.File, float64) string { return "" }

func (coding) apply(t *Target, l Level) error {
	for i := range t.File.Instances {
		t.File.Instances[i].Codec = l.Text
	}
	return nil
}

// nameOf returns the level of a name, which must be known.
func nameOf(text, what string, known []string) (Level, error) {
	if !slices.Contains(known, text) {
		return Level{}, fmt.Errorf("%w: there is no %s %q; there are %s%s", ErrLevel, what, text, graph.ListNames(known),
			nearest.Hint(text, known))
	}
	return Level{Text: text, Number: math.NaN()}, nil
}
