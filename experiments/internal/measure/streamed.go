package measure

import (
	"cmp"
	"context"
	"io"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Streamer returns d as a driver that needs no memory for the trace of p, where it is one:
// of a plan with faults the trace is needed.
func Streamer(d driver.Driver, p *plan.Plan) (driver.Streamer, bool) {
	s, ok := d.(driver.Streamer)
	return s, ok && len(p.Faults) == 0
}

// Streamed runs p and writes its trace to the file at path as it comes; "" writes none. see,
// where it is not nil, is called with each event, which it may not keep. Streamed returns the
// trace without events, and what gives the outcomes.
func Streamed(ctx context.Context, d driver.Streamer, p *plan.Plan, path string, see func(*trace.Event)) (
	*trace.Trace, *metrics.Streams, error,
) {
	all, err := metrics.NewStreams(p)
	if err != nil {
		return nil, nil, err
	}
	var t *trace.Trace
	var failed error // of the run, in its own words
	write := func(w io.Writer) error {
		var file *trace.Writer
		t, failed = d.Stream(ctx, p, func(header *trace.Trace) (err error) {
			file, err = trace.NewWriter(w, header)
			return err
		}, func(e *trace.Event) error {
			if see != nil {
				see(e)
			}
			if path != "" {
				if err := file.Add(e); err != nil {
					return err
				}
			}
			return all.Add(e)
		})
		if failed != nil {
			return failed
		}
		return file.Flush()
	}
	if path == "" {
		err = write(io.Discard)
	} else {
		err = result.Create(path, write)
	}
	if err := cmp.Or(failed, err); err != nil {
		return nil, nil, err
	}
	return t, all, nil
}
