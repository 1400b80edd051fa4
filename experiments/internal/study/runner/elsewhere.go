package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
)

// Elsewhere has other machines simulate cases. Several goroutines use it.
type Elsewhere interface {
	// Simulated returns the result of a case, by its content hash and the levels of its factors. An
	// error is none of the case.
	Simulated(ctx context.Context, hash string, levels []string) (Row, error)
}

// Send has a runner send cases elsewhere in place of simulating them. It is called before the
// first case. Cases wait there at the same time, so that as many may be asked for as are to;
// they are made ready by as many at a time as there are cores.
func (r *Runner) Send(e Elsewhere) {
	r.elsewhere, r.gate = e, make(chan struct{}, runtime.GOMAXPROCS(0))
}

// ready makes a case ready for simulation.
func (r *Runner) ready(p design.Point) (*prepared, error) {
	if r.gate != nil {
		r.gate <- struct{}{}
		defer func() { <-r.gate }()
	}
	return r.prepare(p)
}

// PointOf returns the case of levels, as Row.Levels has them. Errors wrap factor.ErrLevel.
func PointOf(d *design.Design, levels []string) (design.Point, error) {
	if len(levels) != len(d.Factors) {
		return nil, fmt.Errorf("%w: %d levels of %d factors", factor.ErrLevel, len(levels), len(d.Factors))
	}
	p := make(design.Point, len(levels))
	for i, text := range levels {
		var err error
		if p[i], err = d.LevelOf(i, text); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Texts returns all texts of a platform, the names of files among them.
func Texts(pf *plan.Platform) ([]string, error) {
	b, err := json.Marshal(pf)
	if err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	return texts(nil, v), nil
}

func texts(all []string, v any) []string {
	switch v := v.(type) {
	case string:
		return append(all, v)
	case []any:
		for _, x := range v {
			all = texts(all, x)
		}
	case map[string]any:
		for _, x := range v { // in any order
			all = texts(all, x)
		}
	}
	return all
}

// checkWithin refuses a platform of which a text may name a file outside the folder that files
// must lie in.
func (b *Base) checkWithin(pf *plan.Platform) error {
	if b.Within == "" {
		return nil
	}
	all, err := Texts(pf)
	if err != nil {
		return err
	}
	for _, text := range all {
		path := text
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(b.File), path)
		}
		if rel, err := filepath.Rel(b.Within, path); err != nil || rel == ".." || strings.HasPrefix(rel, "../") {
			return fmt.Errorf("%w: %q names a file that did not come with the study", yamlfile.ErrInput, text)
		}
	}
	return nil
}
