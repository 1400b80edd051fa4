package runner

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
)

// All returns the results of cases, in their order, by so many workers at a time. Cases
// that are the same are simulated once. done is called by one goroutine at a time, with how
// many cases are there. When ctx ends, what was simulated is kept.
func (r *Runner) All(ctx context.Context, points []design.Point, workers int, done func(n int)) ([]Row, error) {
	rows := make([]Row, len(points))
	same := map[string]int{} // by levels: the first case
	var first []int
	of := make([]int, len(points))
	for i, p := range points {
		key := p.Key()
		at, known := same[key]
		if !known {
			at = i
			same[key] = i
			first = append(first, i)
		}
		of[i] = at
	}
	var mu sync.Mutex
	finished := 0
	err := Each(ctx, len(first), workers, func(ctx context.Context, k int) error {
		i := first[k]
		row, err := r.One(ctx, points[i])
		if err != nil {
			return err
		}
		rows[i] = row
		mu.Lock()
		defer mu.Unlock()
		finished++
		done(finished)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, at := range of {
		rows[i] = rows[at]
	}
	return rows, nil
}

// Each calls work for 0 to n-1, by so many workers at a time, until one fails or ctx ends.
func Each(ctx context.Context, n, workers int, work func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	next := make(chan int)
	for range min(workers, n) {
		g.Go(func() error {
			for i := range next {
				if err := work(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(next)
		for i := range n {
			select {
			case next <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}
