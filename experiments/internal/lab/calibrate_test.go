package lab

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// network is a transport with known costs; its warm-up is slow, and every
// seventh token is disturbed.
type network struct {
	sendBase, wayBase time.Duration
	sendByte, wayByte float64
	dispatch          time.Duration
	lost              bool
	err               error
}

func (d *network) Run(_ context.Context, p *plan.Plan) (*trace.Trace, error) {
	if d.err != nil {
		return nil, d.err
	}
	bytes := p.Graph.Type(0).Bytes()
	t := &trace.Trace{Plan: p.Name}
	for n := range p.Workload.Frames {
		start := n * 1e9
		send := int64(d.sendBase) + int64(d.sendByte*float64(bytes))
		way := int64(d.wayBase) + int64(d.wayByte*float64(bytes))
		if n < p.Workload.Warmup || n%7 == 0 {
			send, way = 10*send, 10*way
		}
		t.Events = append(t.Events, trace.Event{Kind: trace.Send, Actor: -1, Frame: n, Start: start, End: start + send})
		if d.lost {
			continue
		}
		at := start + way
		t.Events = append(t.Events,
			trace.Event{Kind: trace.Recv, Actor: -1, Frame: n, Start: at, End: at},
			trace.Event{Kind: trace.Firing, Actor: 0, FIFO: -1, Frame: n, Start: start - 10, End: start},
			trace.Event{Kind: trace.Firing, Actor: 1, FIFO: -1, Frame: n, Start: at + int64(d.dispatch),
				End: at + int64(d.dispatch) + 5},
		)
	}
	return t, nil
}

func TestCalibrate(t *testing.T) {
	d := &network{sendBase: 10 * time.Microsecond, sendByte: 0.5, wayBase: 200 * time.Microsecond, wayByte: 2,
		dispatch: 7 * time.Microsecond}
	got, err := Calibrate(t.Context(), d, "a", "b", 20)
	require.NoError(t, err)
	near := func(what string, got, want float64) {
		t.Helper()
		assert.LessOrEqual(t, math.Abs(got-want), 0.01*want, what)
	}
	near("per message", float64(got.PerMessage), 200e3)
	near("per byte", got.PerByte, 2)
	near("send per message", float64(got.SendPerMessage), 10e3)
	near("send per byte", got.SendPerByte, 0.5)
	near("dispatch", float64(got.Dispatch), 7e3)
}

func TestCalibrateErrors(t *testing.T) {
	_, err := Calibrate(t.Context(), &network{lost: true}, "a", "b", 5)
	assert.ErrorIs(t, err, profile.ErrMissing, "nothing arrived")
	down := errors.New("cable cut")
	_, err = Calibrate(t.Context(), &network{err: down}, "a", "b", 5)
	assert.ErrorIs(t, err, down, "a run that fails")
	_, err = Calibrate(t.Context(), &network{}, "a", "a", 5)
	assert.ErrorIs(t, err, planfile.ErrPlatform, "one device")
}

// Neither base nor slope is negative, and one disturbed size doesn't bend the line.
func TestLine(t *testing.T) {
	for _, tt := range []struct {
		name        string
		x, y        []float64
		base, slope float64
	}{
		{"a line", []float64{1, 2, 3}, []float64{12, 14, 16}, 10, 2},
		{"one size disturbed", []float64{0, 10, 20, 30}, []float64{5, 1000, 25, 35}, 5, 1},
		{"falling", []float64{1, 2, 3}, []float64{3, 2, 1}, 3, 0},
		{"through the origin", []float64{2, 4}, []float64{1, 5}, 0, 2},
	} {
		base, slope := line(tt.x, tt.y)
		assert.Equal(t, tt.base, base, "%s: %g + %g x, want %g + %g x", tt.name, base, slope, tt.base, tt.slope)
		assert.Equal(t, tt.slope, slope, "%s: %g + %g x, want %g + %g x", tt.name, base, slope, tt.base, tt.slope)
	}
}

func TestDispatch(t *testing.T) {
	d := &network{wayBase: time.Millisecond, dispatch: 7 * time.Microsecond}
	got, err := Dispatch(t.Context(), d, "a", "b", 10)
	require.NoError(t, err)
	assert.Equal(t, 7*time.Microsecond, got)
	d.lost = true
	_, err = Dispatch(t.Context(), d, "a", "b", 10)
	require.ErrorIs(t, err, profile.ErrMissing)
	assert.EqualError(t, err, "time the dispatch on device b: the trace has no token that crossed: not measured")
}
