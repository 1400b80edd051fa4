package measure

import (
	"context"
)

// scoreAll scores what the oracle says of every row: nothing need be measured for it.
func (r *Runner) scoreAll(ctx context.Context) error {
	for i := range r.sweep.Rows {
		v, err := r.expected(ctx, r.sweep.Rows[i].Case)
		if err != nil {
			return err
		}
		if r.sweep.Rows[i].Quality, err = r.score(v.results); err != nil {
			return err
		}
	}
	return nil
}
