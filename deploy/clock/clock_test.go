package clock

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestNowIsTheSystemsMonotonicClock(t *testing.T) {
	var before, after unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_MONOTONIC, &before))
	now := Now()
	require.NoError(t, unix.ClockGettime(unix.CLOCK_MONOTONIC, &after))
	const slack = int64(100 * time.Microsecond)
	require.GreaterOrEqual(t, now, before.Nano()-slack, "Now() = %d, the system says %d", now, before.Nano())
	require.LessOrEqual(t, now, after.Nano()+slack, "Now() = %d, the system says %d", now, before.Nano())
}

func TestUntilIsNeverEarly(t *testing.T) {
	s := NewSleeper()
	for _, d := range []time.Duration{
		-time.Second, 0, 50 * time.Microsecond, 700 * time.Microsecond, 3 * time.Millisecond,
	} {
		at := Now() + int64(d)
		require.NoError(t, s.Until(t.Context(), at))
		now := Now()
		assert.GreaterOrEqual(t, now, at, "%v: back %d ns too early", d, at-now)
	}
}

func TestUntilEndsWithItsContext(t *testing.T) {
	s := NewSleeper()
	for _, d := range []time.Duration{500 * time.Microsecond, time.Hour} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		assert.ErrorIs(t, s.Until(ctx, Now()+int64(d)), context.Canceled, d)
	}
	// The timer of the interrupted wait must not end the next one.
	at := Now() + int64(2*time.Millisecond)
	err := s.Until(t.Context(), at)
	require.NoError(t, err, "after an interrupted wait: %v at", err)
	assert.GreaterOrEqual(t, Now(), at, "after an interrupted wait: %v at", err)
}

func TestSleeperAllocatesNothing(t *testing.T) {
	s := NewSleeper()
	ctx := t.Context()
	n := testing.AllocsPerRun(5, func() { _ = s.Until(ctx, Now()+int64(1500*time.Microsecond)) })
	require.Equal(t, 0.0, n, "%v allocations per wait", n)
}

func TestMachinesClock(t *testing.T) {
	m := Machine()
	require.NotEmpty(t, m.ID())
	require.Equal(t, m.ID(), Machine().ID(), "it is named alike every time")
	before := Now()
	at := m.Now() + int64(time.Millisecond)
	require.NoError(t, m.Waiter().Until(t.Context(), at))
	assert.GreaterOrEqual(t, Now(), before+int64(time.Millisecond), "it is the clock that Now reads")
}
