package clock

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestNowIsTheSystemsMonotonicClock(t *testing.T) {
	var before, after unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &before); err != nil {
		t.Fatal(err)
	}
	now := Now()
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &after); err != nil {
		t.Fatal(err)
	}
	const slack = int64(100 * time.Microsecond)
	if now < before.Nano()-slack || now > after.Nano()+slack {
		t.Fatalf("Now() = %d, the system says %d to %d", now, before.Nano(), after.Nano())
	}
}

func TestUntilIsNeverEarly(t *testing.T) {
	s := NewSleeper()
	for _, d := range []time.Duration{-time.Second, 0, 50 * time.Microsecond, 700 * time.Microsecond, 3 * time.Millisecond} {
		at := Now() + int64(d)
		if err := s.Until(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		if now := Now(); now < at {
			t.Errorf("%v: back %d ns too early", d, at-now)
		}
	}
}

func TestUntilEndsWithItsContext(t *testing.T) {
	s := NewSleeper()
	for _, d := range []time.Duration{500 * time.Microsecond, time.Hour} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Until(ctx, Now()+int64(d)); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: got %v, want %v", d, err, context.Canceled)
		}
	}
	// The timer of the interrupted wait must not end the next one.
	at := Now() + int64(2*time.Millisecond)
	if err := s.Until(t.Context(), at); err != nil || Now() < at {
		t.Errorf("after an interrupted wait: %v at %d, want %d", err, Now(), at)
	}
}

func TestSleeperAllocatesNothing(t *testing.T) {
	s := NewSleeper()
	ctx := t.Context()
	if n := testing.AllocsPerRun(5, func() { _ = s.Until(ctx, Now()+int64(1500*time.Microsecond)) }); n != 0 {
		t.Fatalf("%v allocations per wait", n)
	}
}

func TestMachineIsStable(t *testing.T) {
	if a, b := Machine(), Machine(); a == "" || a != b {
		t.Fatalf("Machine() = %q, then %q", a, b)
	}
}
