package measure

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
)

// streaming gives the events of a driver one by one, and clears them behind.
type streaming struct {
	*exptest.Driver
	streamed *int
}

// Stream implements driver.Streamer.
func (s streaming) Stream(
	ctx context.Context, p *plan.Plan, begin func(*trace.Trace) error, each func(*trace.Event) error,
) (*trace.Trace, error) {
	*s.streamed++
	t, err := s.Run(ctx, p)
	if err != nil {
		return nil, err
	}
	events := t.Events
	t.Events = nil
	if err := begin(t); err != nil {
		return nil, err
	}
	for i := range events {
		if err := each(&events[i]); err != nil {
			return nil, err
		}
		events[i] = trace.Event{}
	}
	return t, nil
}

// A simulation whose trace is not kept gives the same rows and files.
func TestStreamedSimulationsAreTheSame(t *testing.T) {
	whole, _ := toy(t)
	other, _ := toy(t)
	streamed := 0
	other.Sim = streaming{&exptest.Driver{Name: "sim"}, &streamed}
	want, err := whole.Run(t.Context())
	require.NoError(t, err)
	got, err := other.Run(t.Context())
	require.NoError(t, err)
	require.Positive(t, streamed)
	require.Len(t, got.Rows, len(want.Rows))
	for i := range want.Rows {
		assert.Equal(t, want.Rows[i].Stored, got.Rows[i].Stored, want.Rows[i].Title())
	}
	assert.Equal(t, want.Factors, got.Factors)
	files, err := filepath.Glob(filepath.Join(whole.Dir, "traces", "sim", "*.jsonl"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		a, err := os.ReadFile(file)
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(other.Dir, "traces", "sim", filepath.Base(file)))
		require.NoError(t, err)
		assert.Equal(t, string(a), string(b), filepath.Base(file))
	}
}
