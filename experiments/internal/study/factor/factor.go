// Package factor is what a study varies: a key of a plan file by its path, or a cut, a
// codec, a profile, how many endpoints there are, a link, a unit's slowdown or a frame
// rate. It may not compile nor run a plan.
package factor

import (
	"fmt"
	"math"
	"strconv"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// Level is one value of a factor.
type Level struct {
	Text string `json:"text"` // as in the study's file
	// Number is the level as a number, by which levels are ordered: durations in s,
	// bandwidths in bytes/s. NaN where levels are names.
	Number float64 `json:"-"`
}

// Factor is one thing that a study varies.
type Factor struct {
	Name string // of its column
	Unit string // of Level.Number: s, bytes/s, frames/s, or empty
	// Valued says that the factor changes no more than values that a compiled plan holds,
	// so that one compilation serves all its levels.
	Valued bool
	// Levels are those that are listed. None: all between From and To.
	Levels   []Level
	From, To float64
	Log      bool // even on a logarithmic scale
	Whole    bool // whole numbers only
	kind     kind
}

// kind is what differs between kinds of factors.
type kind interface {
	// parse returns the level of a text, for the plan file of the study's base.
	parse(f *planfile.File, text string) (Level, error)
	// format returns the text of a number.
	format(f *planfile.File, number float64) string
	// apply changes a target.
	apply(t *Target, l Level) error
}

// Ordered reports whether the levels are numbers.
func (f *Factor) Ordered() bool {
	if len(f.Levels) == 0 {
		return true
	}
	for _, l := range f.Levels {
		if math.IsNaN(l.Number) {
			return false
		}
	}
	return true
}

// Words returns a level for people: a number of a range with its unit and four digits at most, all
// else as it was written.
func (f *Factor) Words(l Level) string {
	if written, err := strconv.ParseFloat(l.Text, 64); err != nil || math.IsNaN(l.Number) || written != l.Number {
		return l.Text
	}
	if f.Unit == "bytes/s" {
		for _, u := range []struct {
			of   float64
			name string
		}{{1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "kB/s"}} {
			if l.Number >= u.of {
				return digits(l.Number/u.of) + " " + u.name
			}
		}
		return digits(l.Number) + " B/s"
	}
	if f.Whole {
		return l.Text
	}
	return digits(l.Number)
}

// digits writes four digits of a number at most.
func digits(x float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// Apply changes a target to a level.
func (f *Factor) Apply(t *Target, l Level) error {
	if err := f.kind.apply(t, l); err != nil {
		return fmt.Errorf("%s %s: %w", f.Name, l.Text, err)
	}
	return nil
}

// At returns the level at a share from 0 to 1 of all: of listed ones each has the same
// share. base is the plan file of the study's base.
func (f *Factor) At(base *planfile.File, share float64) (Level, error) {
	if n := len(f.Levels); n > 0 {
		return f.Levels[min(int(share*float64(n)), n-1)], nil
	}
	from, to := f.From, f.To
	var number float64
	switch {
	case f.Whole && !f.Log: // each whole number has the same share
		number = min(math.Floor(from+share*(to-from+1)), to)
	case f.Log:
		number = math.Exp(math.Log(from) + share*(math.Log(to)-math.Log(from)))
	default:
		number = from + share*(to-from)
	}
	return f.kind.parse(base, f.kind.format(base, number))
}

// Steps returns n levels from From to To, evenly spaced, or fewer where whole numbers
// repeat.
func (f *Factor) Steps(base *planfile.File, n int) ([]Level, error) {
	var levels []Level
	for i := range n {
		number := f.From + float64(i)/float64(max(n-1, 1))*(f.To-f.From)
		if f.Log {
			number = math.Exp(math.Log(f.From) + float64(i)/float64(max(n-1, 1))*(math.Log(f.To)-math.Log(f.From)))
		}
		l, err := f.kind.parse(base, f.kind.format(base, number))
		if err != nil {
			return nil, err
		}
		if k := len(levels); k == 0 || levels[k-1].Text != l.Text {
			levels = append(levels, l)
		}
	}
	return levels, nil
}

// most is how many levels a range without steps has at most for a question: beyond, it is
// stepped.
const most = 4096

// stepped is how many levels a range of numbers that are not whole has for a question.
const stepped = 129

// All returns all levels in rising order, for a question over an ordered factor: those that
// are listed, all whole numbers of a range, or some of it.
func (f *Factor) All(base *planfile.File) ([]Level, error) {
	switch n := f.To - f.From + 1; {
	case len(f.Levels) > 0:
		return sorted(f.Levels), nil
	case f.Whole && n <= most:
		var levels []Level
		for v := f.From; v <= f.To; v++ {
			l, err := f.kind.parse(base, strconv.FormatFloat(v, 'f', 0, 64))
			if err != nil {
				return nil, err
			}
			levels = append(levels, l)
		}
		return levels, nil
	case f.Whole:
		return f.Steps(base, most)
	}
	return f.Steps(base, stepped)
}
