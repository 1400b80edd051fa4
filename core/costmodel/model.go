// Package costmodel turns measured times of firings into what a simulated firing takes: it names
// the models that a user can choose, fits distributions to samples and says how well they fit. It
// may not draw anything, nor know of plans.
package costmodel

import (
	"fmt"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/quantity"
)

// Kind is the name of a model.
type Kind string

// The kinds of models.
const (
	Median    Kind = "median"    // every firing takes the median of the samples
	Mean      Kind = "mean"      // every firing takes their mean
	Empirical Kind = "empirical" // a firing takes one of the samples, each as likely as the others
	Constant  Kind = "constant"  // every firing takes a stated time
	Lognormal Kind = "lognormal" // a firing takes a draw of FitLognormal
	Shifted   Kind = "shifted-lognormal"
	Phases    Kind = "phases" // a firing takes a draw of the state of FitPhases that its unit is in
)

// Model says what firings cost in the simulator. It is a flag.Value, and a text in YAML and JSON.
// The zero Model says nothing.
type Model struct {
	Kind Kind
	Time time.Duration // of Constant
}

// Parse reads a model: its kind, or constant=DURATION. "" is the zero Model. Errors wrap
// ErrModel.
func Parse(text string) (Model, error) {
	kind, value, given := strings.Cut(text, "=")
	switch k := Kind(kind); k {
	case Constant:
		d, err := quantity.ParseDuration(value)
		if err != nil || d < 0 {
			return Model{}, fmt.Errorf("%w %q; expected a duration of at least 0, such as constant=2ms", ErrModel, text)
		}
		return Model{Constant, d}, nil
	case "", Median, Mean, Empirical, Lognormal, Shifted, Phases:
		if !given {
			return Model{Kind: k}, nil
		}
	}
	return Model{}, fmt.Errorf("%w %q; expected median, mean, empirical, constant=DURATION, lognormal, "+
		"shifted-lognormal or phases%s", ErrModel, text,
		nearest.Hint(kind, []Kind{Median, Mean, Empirical, Constant, Lognormal, Shifted, Phases}))
}

// IsZero reports whether the model says nothing.
func (m Model) IsZero() bool { return m == Model{} }

// String returns what Parse reads.
func (m Model) String() string {
	if m.Kind == Constant {
		return string(Constant) + "=" + m.Time.String()
	}
	return string(m.Kind)
}

// Set implements flag.Value.
func (m *Model) Set(text string) (err error) {
	*m, err = Parse(text)
	return err
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Model) UnmarshalText(text []byte) error { return m.Set(string(text)) }

// MarshalText implements encoding.TextMarshaler.
func (m Model) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
