package lab

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// calibrationSizes are the token sizes, in bytes, whose transport is timed: a
// message that is all header, and tokens of several chunks.
var calibrationSizes = []int64{64, SmallTokens, 1 << 20, AnyTokens}

// Bounds of the tokens that Calibrate sends.
const (
	SmallTokens = 256 << 10
	AnyTokens   = 3 << 20
)

// Calibrate times the unshaped transport between two devices of a deployment:
// what a message costs, and what a byte adds. frames is the number of tokens
// that count, per size; no token is larger than most bytes, which are at least SmallTokens.
func Calibrate(ctx context.Context, d driver.Driver, from, to string, frames, most int64) (profile.Transport, error) {
	var sizes, send, oneWay []float64
	var dispatch []float64
	for _, n := range calibrationSizes {
		if n > most {
			break
		}
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
	p, err := compile.Compile(calibrationPlan(from, to, n, frames+calibrationWarmup), nil)
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

func calibrationPlan(from, to string, n, frames int64) *planfile.File {
	unit := []plan.Unit{{Name: "cpu"}}
	return &planfile.File{
		Plan: fmt.Sprintf("calibrate %d bytes", n),
		Application: planfile.Application{
			Name: "calibrate",
			Actors: []planfile.ActorSpec{
				{Name: "source", Kernel: "count", Out: []planfile.PortSpec{{Port: "out", Type: fmt.Sprintf("uint8[%d]", n)}}},
				{Name: "sink", Kernel: "sink", In: []planfile.PortSpec{{Port: "in"}}},
			},
			FIFOs: []planfile.FIFOSpec{{From: "source.out", To: "sink.in"}},
		},
		Platform: plan.Platform{
			Devices: []plan.Device{{Name: from, Role: plan.Endpoint, Units: unit}, {Name: to, Role: plan.Server, Units: unit}},
			Links:   []plan.Link{{Name: "unshaped", Between: []string{from, to}}},
		},
		Instances: []planfile.Instance{
			{Mapping: []planfile.Assign{{Unit: from + ".cpu", Through: "source"}, {Unit: to + ".cpu"}}},
		},
		Workload: plan.Workload{Kind: plan.SingleStream, Frames: frames, Warmup: calibrationWarmup},
	}
}

// calibrationTimes returns, in ns for every counted token of the source, how
// long it occupied the sender, how long it was under way (over two clocks: in the middle of
// what these leave open), and how long the sink
// took to start after it.
func calibrationTimes(t *trace.Trace) (send, oneWay, dispatch []float64, err error) {
	clocks, err := trace.NewLine(t)
	if err != nil {
		return nil, nil, nil, err
	}
	const fifo, sink = 0, 1 // of calibrationPlan
	starts, arrivals, sender := map[int64]int64{}, map[int64]int64{}, ""
	for _, e := range t.Events {
		if e.Frame < calibrationWarmup || e.FIFO != fifo {
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
		if !ok || !sent || e.Kind != trace.Firing || e.Actor != sink {
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
