package explorecmd

import (
	"context"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
)

// extras are what else mappings are judged by, where the goal asks for it.
type extras struct {
	leakage func(tensors []string, codec string) (float64, bool)
	loss    func(codec string) (float64, bool)
	notes   []string
}

// extras computes what the goal asks for beside times.
func (x *exploration) extras(ctx context.Context, on *platform) (*extras, error) {
	e := &extras{}
	var err error
	if x.goal.Needs(goal.Leakage) {
		var note string
		if e.leakage, note, err = x.s.Leakage(ctx, on.file, x.src.models, x.src.codecs); err != nil {
			return nil, err
		}
		e.notes = append(e.notes, note)
	}
	if x.goal.Needs(goal.Quality) {
		if e.loss, err = x.s.Loss(ctx, x.src.x, x.src.codecs); err != nil {
			return nil, err
		}
	}
	return e, nil
}
