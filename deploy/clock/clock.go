// Package clock reads the machine's monotonic clock and sleeps precisely until
// a time on it. It may not read the wall clock. Times of two processes of one machine
// are comparable; those of two machines are so only by the messages between them, which
// core/trace does.
package clock

import (
	"context"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nuid"

	"golang.org/x/sys/unix"
)

// Before the time that is waited for, Until leaves the Go timer at coarse (it
// may overshoot by a millisecond), the kernel's timer at fine, and then spins.
const (
	coarse = 1300 * time.Microsecond
	fine   = 120 * time.Microsecond
)

// start and offset make Now a read of the Go runtime's clock, which is
// CLOCK_MONOTONIC without a system call.
var start, offset = calibrate()

func calibrate() (time.Time, int64) {
	var (
		origin = time.Now()
		best   int64
		width  = time.Hour
	)
	for range 16 {
		var ts unix.Timespec
		before := time.Since(origin)
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
			return origin, 0
		}
		after := time.Since(origin)
		if after-before < width {
			width, best = after-before, ts.Nano()-int64(before+after)/2
		}
	}
	return origin, best
}

// Now returns the time on CLOCK_MONOTONIC in ns. All processes of one machine
// agree on it.
func Now() int64 { return offset + int64(time.Since(start)) }

// ThreadCPU returns the processor time that the calling thread has used, in ns.
// A goroutine that compares two of them must be locked to its thread.
func ThreadCPU() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		return Now()
	}
	return ts.Nano()
}

// Clock is a monotonic clock. Its methods may be called from any goroutine.
type Clock interface {
	// ID tells the clock from those of other machines, and from those of the same machine
	// after it is started again.
	ID() string
	// Now returns the time in ns.
	Now() int64
	// Waiter returns what waits for times on the clock; one goroutine owns it.
	Waiter() Waiter
}

// Waiter waits for times on a clock.
type Waiter interface {
	// Now returns the time in ns.
	Now() int64
	// Until returns at a time, at once if it has passed, or with ctx's error when ctx ends.
	Until(ctx context.Context, at int64) error
}

// Machine returns the machine's monotonic clock, which Now reads.
func Machine() Clock { return machine{} }

type machine struct{}

func (machine) ID() string     { return machineID() }
func (machine) Now() int64     { return Now() }
func (machine) Waiter() Waiter { return NewSleeper() }

// machineID names this boot of this machine, and the time namespace, as containers may have
// offsets of their own (time_namespaces(7)). Where the system doesn't say, it names this
// process, so that no two are taken for one.
var machineID = sync.OnceValue(func() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "process-" + nuid.Next()
	}
	id := strings.TrimSpace(string(boot))
	if space, err := os.Readlink("/proc/self/ns/time"); err == nil && space != firstNamespace {
		id += " " + space
	}
	return id
})

// firstNamespace is the time namespace of a machine's first process, whose number is fixed
// (PROC_TIME_INIT_INO).
const firstNamespace = "time:[4026531834]"

// Sleeper waits for times. It is owned by one goroutine and allocates nothing
// after NewSleeper.
type Sleeper struct{ timer *time.Timer }

// NewSleeper returns a Sleeper.
func NewSleeper() *Sleeper {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &Sleeper{timer: t}
}

// Now returns the time on CLOCK_MONOTONIC in ns, as the function Now does.
func (*Sleeper) Now() int64 { return Now() }

// Until returns at time at of Now, late by a few microseconds at most if a
// processor is free, and at once for a time that has passed. If ctx has ended,
// it returns its error, early.
func (s *Sleeper) Until(ctx context.Context, at int64) error {
	if d := time.Duration(at - Now()); d > coarse {
		s.timer.Reset(d - coarse)
		select {
		case <-s.timer.C:
		case <-ctx.Done():
			s.timer.Stop()
			return ctx.Err()
		}
	}
	if d := time.Duration(at - Now()); d > fine && d <= coarse {
		ts := unix.NsecToTimespec(at - int64(fine))
		// Woken early by a signal, it spins for longer; no error needs care.
		_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &ts, nil)
	}
	for Now() < at && ctx.Err() == nil {
		runtime.Gosched()
	}
	return ctx.Err()
}
