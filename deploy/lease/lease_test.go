package lease_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/lease"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	anna  = wire.Owner{Coordinator: "lab", Host: "box", User: "anna", PID: 7, ID: "a"}
	again = wire.Owner{Coordinator: "lab", Host: "box", User: "anna", PID: 8, ID: "b"}
	ben   = wire.Owner{Coordinator: "office", Host: "desk", User: "ben", PID: 7, ID: "a"}
)

func TestDecide(t *testing.T) {
	held := func(run string, o wire.Owner) *wire.Held { return &wire.Held{Run: run, Owner: o} }
	for _, tt := range []struct {
		name  string
		held  *wire.Held
		run   string
		owner wire.Owner
		take  bool
		want  lease.Verdict
	}{
		{"a free device", nil, "r", anna, false, lease.Granted},
		{"a free device, to be taken", nil, "r", anna, true, lease.Granted},
		{"its own run again", held("r", anna), "r", anna, false, lease.Kept},
		{"its own run again, to be taken", held("r", anna), "r", anna, true, lease.Kept},
		{"its next run", held("q", anna), "r", anna, false, lease.Replaced},
		{"another's", held("q", ben), "r", anna, false, lease.Refused},
		{"another's, to be taken", held("q", ben), "r", anna, true, lease.Taken},
		{"a run of that name of another's", held("r", ben), "r", anna, false, lease.Refused},
		{"another process of that name", held("q", again), "r", anna, false, lease.Refused},
		{"another process of that name, to be taken", held("q", again), "r", anna, true, lease.Taken},
	} {
		claim := &wire.ClaimRequest{RunRequest: wire.RunRequest{Run: tt.run}, Owner: tt.owner, Take: tt.take}
		assert.Equal(t, tt.want, lease.Decide(tt.held, claim), tt.name)
	}
}

// drive calls Look as often as is asked for, from a time on, and returns when the lease was
// over; 0: it was not until end.
func drive(c *lease.Clock, base time.Duration, from, end time.Duration,
	at func(time.Duration) (connected bool, links uint64)) time.Duration {
	for now := from; now <= end; now += lease.Every(base) {
		connected, links := at(now)
		if c.Look(int64(now), connected, links) {
			return now
		}
	}
	return 0
}

func connected(time.Duration) (bool, uint64) { return true, 1 }

// over requires that a lease was over between the limit and two looks later.
func over(t *testing.T, want, got time.Duration) {
	t.Helper()
	require.Greater(t, got, want)
	require.LessOrEqual(t, got, want+2*lease.Every(0))
}

func TestLeaseEnds(t *testing.T) {
	c := lease.NewClock(0, 0, 0, 1)
	assert.Equal(t, lease.Base, c.Limit())
	over(t, 10*time.Second, drive(&c, 0, 0, time.Minute, connected))
	c = lease.NewClock(0, time.Minute, 0, 1)
	over(t, 70*time.Second, drive(&c, 0, 0, 2*time.Minute, connected))
	c = lease.NewClock(time.Second, -time.Minute, 0, 1)
	assert.Equal(t, time.Second, c.Limit())
	var never lease.Clock
	assert.Zero(t, drive(&never, 0, 0, time.Hour, connected))
}

func TestRenewalsKeepALease(t *testing.T) {
	c := lease.NewClock(0, 0, 0, 1)
	last := time.Duration(0)
	got := drive(&c, 0, 0, time.Hour, func(now time.Duration) (bool, uint64) {
		if now < time.Minute && now-last >= lease.Base/lease.Renewals {
			last = now
			c.Renew(int64(now))
		}
		return true, 1
	})
	over(t, last+10*time.Second, got)
}

// Without a connection, no time passes.
func TestCutsKeepALease(t *testing.T) {
	c := lease.NewClock(0, 0, 0, 1)
	got := drive(&c, 0, 0, 2*time.Hour, func(now time.Duration) (bool, uint64) {
		switch {
		case now < 5*time.Second:
			return true, 1
		case now < time.Hour:
			return false, 1
		}
		return true, 2
	})
	over(t, time.Hour+10*time.Second, got)
}

// A connection that is lost and found between two looks counts, too.
func TestReconnectsBeginALease(t *testing.T) {
	c := lease.NewClock(0, 0, 0, 1)
	got := drive(&c, 0, 0, time.Hour, func(now time.Duration) (bool, uint64) {
		if now < 9*time.Second {
			return true, 1
		}
		return true, 2
	})
	over(t, 19*time.Second, got)
}

// The time in which the process was stopped is not the owner's silence.
func TestStoppedProcessesKeepALease(t *testing.T) {
	c := lease.NewClock(0, 0, 0, 1)
	require.Zero(t, drive(&c, 0, 0, 5*time.Second, connected))
	got := drive(&c, 0, time.Hour, 2*time.Hour, connected)
	require.Greater(t, got, time.Hour+4*time.Second)
	require.Less(t, got, time.Hour+6*time.Second)
}
