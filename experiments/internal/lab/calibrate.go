package lab

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/linkprobe"
)

// calibrationSizes are the token sizes, in bytes, whose transport is timed: a
// message that is all header, and tokens of several chunks.
var calibrationSizes = []int64{64, 256 << 10, 1 << 20, 3 << 20}

// Calibrate times the unshaped transport between two devices of a deployment:
// what a message costs, and what a byte adds. frames is the number of tokens
// that count, per size.
func Calibrate(ctx context.Context, d driver.Driver, from, to string, frames int64) (profile.Transport, error) {
	var sizes, send, oneWay []float64
	var dispatch []float64
	for _, n := range calibrationSizes {
		s, w, g, err := calibrate(ctx, d, from, to, n, frames)
		if err != nil {
			return profile.Transport{}, fmt.Errorf("calibrate %d bytes: %w", n, err)
		}
		sizes, send, oneWay = append(sizes, float64(n)), append(send, quantile.Median(s)), append(oneWay, quantile.Median(w))
		dispatch = append(dispatch, quantile.Median(g))
	}
	sendBase, sendSlope := line(sizes, send)
	base, slope := line(sizes, oneWay)
	return profile.Transport{
		PerMessage: time.Duration(base), PerByte: slope,
		SendPerMessage: time.Duration(sendBase), SendPerByte: sendSlope,
		Dispatch: time.Duration(slices.Min(dispatch)),
	}, nil
}

// calibrate is Calibrate for tokens of n bytes: see calibrationTimes.
func calibrate(ctx context.Context, d driver.Driver, from, to string, n, frames int64) (
	send, oneWay, dispatch []float64, err error,
) {
	p, err := linkprobe.Sending(fmt.Sprintf("calibrate %d bytes", n), from, to, n, 0,
		plan.Workload{Kind: plan.SingleStream, Frames: frames + calibrationWarmup, Warmup: calibrationWarmup})
	if err != nil {
		return nil, nil, nil, err
	}
	t, err := d.Run(ctx, p)
	if err != nil {
		return nil, nil, nil, err
	}
	if send, oneWay, dispatch, err = calibrationTimes(t); err != nil {
		return nil, nil, nil, err
	}
	if len(send) == 0 || len(oneWay) == 0 || len(dispatch) == 0 {
		return nil, nil, nil, fmt.Errorf("the trace has no token that crossed: %w", profile.ErrMissing)
	}
	return send, oneWay, dispatch, nil
}

// Dispatch times from when a small token has arrived on a device to the start of its firing,
// the median over a number of tokens from another device.
func Dispatch(ctx context.Context, d driver.Driver, from, device string, frames int64) (time.Duration, error) {
	_, _, dispatch, err := calibrate(ctx, d, from, device, calibrationSizes[0], frames)
	if err != nil {
		return 0, fmt.Errorf("time the dispatch on device %s: %w", device, err)
	}
	return time.Duration(quantile.Median(dispatch)), nil
}

const calibrationWarmup = 5

// calibrationTimes returns, in ns for every counted token of the source, how
// long it occupied the sender, how long it was under way (over two clocks: in the middle of
// what these leave open), and how long the sink
// took to start after it.
func calibrationTimes(t *trace.Trace) (send, oneWay, dispatch []float64, err error) {
	clocks, err := trace.NewLine(t)
	if err != nil {
		return nil, nil, nil, err
	}
	starts, arrivals, sender := map[int64]int64{}, map[int64]int64{}, ""
	for _, e := range t.Events {
		if e.Frame < calibrationWarmup || e.FIFO != linkprobe.FIFO {
			continue
		}
		switch e.Kind {
		case trace.Send:
			starts[e.Frame], sender = e.Start, e.Device
			send = append(send, float64(e.End-e.Start))
		case trace.Recv:
			arrivals[e.Frame] = e.End
		}
	}
	for _, e := range t.Events {
		arrived, ok := arrivals[e.Frame]
		start, sent := starts[e.Frame]
		if !ok || !sent || e.Kind != trace.Firing || e.Actor != linkprobe.Sink {
			continue
		}
		oneWay = append(oneWay, float64(clocks.Between(sender, start, e.Device, arrived).Middle()))
		dispatch = append(dispatch, float64(e.Start-arrived))
	}
	return send, oneWay, dispatch, nil
}

// line fits y = base + slope·x: the base is the time of the smallest size, the
// slope is the median of those towards every larger one, so that one disturbed
// size doesn't bend it. Neither is negative.
func line(x, y []float64) (base, slope float64) {
	var slopes []float64
	for i := range x[1:] {
		slopes = append(slopes, (y[i+1]-y[0])/(x[i+1]-x[0]))
	}
	slope = max(quantile.Median(slopes), 0)
	return max(y[0]-slope*x[0], 0), slope
}
