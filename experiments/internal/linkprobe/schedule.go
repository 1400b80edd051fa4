package linkprobe

import (
	"cmp"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
)

// Sizes are the token sizes, in bytes, that are tried: those that fit a message, and those of
// several. What experiments send lies between them.
var Sizes = []int64{64, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20, 2 << 20,
	4 << 20, 8 << 20}

// step is a plan of a schedule.
type step struct {
	bytes    int64 // of a token
	frames   int64 // that count
	capacity int   // 0: the default
	period   time.Duration
	takes    time.Duration
}

// alone reports whether tokens are sent after a pause each.
func (s *step) alone() bool { return s.period > 0 }

func (s *step) load() plan.Workload {
	if s.alone() {
		return plan.Workload{Kind: plan.Camera, Frames: s.frames, Period: s.period}
	}
	return plan.Workload{Kind: plan.Offline, Frames: s.frames}
}

// sent returns how many bytes of tokens the step sends.
func (s *step) sent() int64 { return (s.frames + warmup) * s.bytes }

const (
	perStep     = 500 * time.Millisecond // beside the tokens: to begin and end a run
	leastPeriod = 20 * time.Millisecond  // from a token that is sent alone to the next

	mostSamples  = 25 // of a size that fits a message
	someSamples  = 10 // of a larger one
	leastSamples = 5  // of the largest, and of any that fits a message
	fewSamples   = 3  // sizes beyond that are left out if there is no time for so many

	streams      = 3               // of tokens in a row
	inStream     = 12              // tokens in a stream at least
	mostInStream = 64              // and at most
	longStream   = 2 * time.Second // with more tokens than the least
	underway     = 8               // tokens of a stream that may be on their way
)

// rough is what is known of a direction before it is measured.
type rough struct {
	bytesPerSec float64
	latency     time.Duration // that a small token takes there and back
}

// takes returns how long a token of so many bytes takes, there and back.
func (r *rough) takes(bytes int64) time.Duration {
	return r.latency + time.Duration(float64(bytes)/r.bytesPerSec*1e9)
}

// schedule returns the steps that measure a direction within a time, as far as that is
// possible, with tokens of at most so many bytes: streams first, which let the sender's buffer
// grow as it does in a run, then tokens with pauses between. Every size up to a message is tried,
// whatever the time, then the largest for which there is time, then those between.
func schedule(r *rough, limit time.Duration, most int64) []step {
	var alone []step
	left := limit * 2 / 3
	add := func(n, samples int64) {
		s := step{bytes: n, frames: samples, period: r.period(n)}
		s.takes = perStep + s.period*time.Duration(s.frames+warmup)
		left -= s.takes
		alone = append(alone, s)
	}
	all := sizes(most)
	small := slices.IndexFunc(all, func(n int64) bool { return n > smallest })
	if small < 0 {
		small = len(all)
	}
	for _, n := range all[:small] {
		add(n, min(max(r.fitting(n, left/3), leastSamples), mostSamples))
	}
	rest := all[small:]
	for i := len(rest) - 1; i >= 0; i-- {
		if samples := r.fitting(rest[i], left*2/3); samples >= fewSamples {
			add(rest[i], min(samples, leastSamples))
			rest = rest[:i]
			break
		}
	}
	for _, n := range rest {
		if samples := r.fitting(n, left/2); samples >= fewSamples {
			add(n, min(samples, someSamples))
		}
	}
	slices.SortFunc(alone, func(a, b step) int { return cmp.Compare(a.bytes, b.bytes) })
	return append(r.streams(limit/3, alone[len(alone)-1].bytes), alone...)
}

// period returns the time from one token of n bytes that is sent alone to the next.
func (r *rough) period(n int64) time.Duration { return max(r.takes(n)*3/2, leastPeriod) }

// fitting returns how many tokens of n bytes, sent alone, count of those that fit into a time.
func (r *rough) fitting(n int64, within time.Duration) int64 {
	return int64((within-perStep)/r.period(n)) - warmup
}

// streams returns the steps of tokens of at most so many bytes in a row.
func (r *rough) streams(within time.Duration, most int64) (list []step) {
	each := min(within/streams-perStep, longStream)
	size := min(max(int64(r.bytesPerSec*each.Seconds()/inStream), 4<<10), 1<<20, most)
	frames := min(max(int64(each.Seconds()*r.bytesPerSec/float64(size)), inStream), mostInStream)
	for range streams {
		list = append(list, step{bytes: size, frames: frames, capacity: underway,
			takes: perStep + time.Duration(float64((frames+warmup)*size)/r.bytesPerSec*1e9)})
	}
	return list
}

const smallest = 64 << 10 // up to here, every size is tried

// sizes returns those that are tried, of at most so many bytes.
func sizes(most int64) []int64 {
	list := slices.DeleteFunc(slices.Clone(Sizes), func(n int64) bool { return n >= most })
	return append(list, most)
}

// Amount is what measuring will send, and about how long it will take.
type Amount struct {
	Bytes int64         `json:"bytes"`
	Takes time.Duration `json:"takes_ns"`
}

func amountOf(list []step) (a Amount) {
	for i := range list {
		a.Bytes += list[i].sent()
		a.Takes += list[i].takes
	}
	return a
}
