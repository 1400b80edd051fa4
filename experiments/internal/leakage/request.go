package leakage

import (
	"cmp"
	"fmt"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// Samples is how many samples are taken if nothing else is said.
const Samples = 200

// Detail is how much is asked of every cut.
type Detail int

// The details.
const (
	// TensorsOnly computes no row: Table.Dependence is asked for what is wanted.
	TensorsOnly Detail = iota
	// DependenceOnly computes the rows' dependence and its interval.
	DependenceOnly
	// Everything also computes reconstructions, their floor and ceiling, and the radius.
	Everything
)

// Request says what is asked.
type Request struct {
	// File holds the application, whose sources show the samples. Its platform, mapping,
	// workload and faults are not used.
	File   *planfile.File
	Models compile.Models
	Tapper driver.Tapper
	// Samples are the frames that the sources are asked for, from the first; 0 means Samples.
	// Frames that are equal to one before count once.
	Samples int
	// Seed is that of sketches, and of who is reconstructed from whom.
	Seed   uint64
	Codecs []string // none: codec.None alone. A row is left out where a codec behind the first codes nothing
	// Cuts are those of the rows; nil: all partition points behind the sources.
	Cuts   []Cut
	Detail Detail
	// Calibration is that of codec int8-static, by tensor. What it lacks is taken from the first
	// samples.
	Calibration map[string]codec.Affine
	// Labels are the classes of the frames, which repeat; nil: there are none.
	Labels []int
	// Pictures are what the frames show, where the sources show no pictures themselves.
	Pictures []*picture.RGB
	// Cache is the folder of results, "" for none. Revision is that of the program.
	Cache, Revision string
	// Memory in bytes for tensors that are being gathered; 0 means a GiB.
	Memory int64
}

func (r *Request) check() error {
	for _, name := range r.Codecs {
		if _, err := codec.Parse(name); err != nil {
			return err
		}
	}
	if r.Samples == 0 {
		r.Samples = Samples
	}
	if r.Samples < leakage.Least {
		return fmt.Errorf("%w: %d; give at least %d", ErrFrames, r.Samples, leakage.Least)
	}
	if r.Samples > leakage.Most {
		return fmt.Errorf("%w: %d; give at most %d, as their memory grows with the square of their number", ErrMany,
			r.Samples, leakage.Most)
	}
	if len(r.Codecs) == 0 {
		r.Codecs = []string{codec.None}
	}
	r.Memory = cmp.Or(r.Memory, 1<<30)
	return nil
}
