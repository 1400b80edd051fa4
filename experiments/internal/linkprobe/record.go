package linkprobe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
)

const (
	settling   = 500 * time.Millisecond // from the first token's arrival to what counts
	late       = 2 * time.Second        // for what the run records to arrive
	perWindow  = 8                      // tokens that arrive in a part of the recording
	muchFaster = 64                     // times what was found before, which a link may become
)

// Record sends tokens without a pause from the first device to the second for a time, and
// returns the bandwidth at which they arrived, in parts of it, on the second one's clock.
// Largest bounds a token. Errors wrap ErrProbe, or are those of the driver, or of ctx.
func (p *Prober) Record(ctx context.Context, length, part time.Duration) ([]profile.Rate, error) {
	r, err := p.rough(ctx, 0)
	if err != nil {
		return nil, err
	}
	s := recording(r, length, part, p.Largest)
	if p.Begin != nil {
		p.Begin(Amount{Bytes: int64(r.bytesPerSec * s.takes.Seconds()), Takes: s.takes})
	}
	pl, err := sending(p.Between[0], p.Between[1], &s, s.load())
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, s.takes)
	defer cancel()
	t, err := p.Driver.Run(limited, pl)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && !(t != nil && errors.Is(err, context.DeadlineExceeded)): // it is ended so
		return nil, fmt.Errorf("record the link from %s to %s: %w", p.Between[0], p.Between[1], err)
	}
	// That a run was ended does not matter: only arrivals, on one clock, count.
	list := arrivals(t)
	return parts(list, length, part, p.Between)
}

// recording is the step that sends for a time.
func recording(r *rough, length, part time.Duration, most int64) step {
	bytes := min(max(int64(r.bytesPerSec*part.Seconds()/perWindow), 1<<10), most)
	takes := perStep + settling + length + late
	frames := int64(takes.Seconds()*r.bytesPerSec/float64(bytes))*muchFaster + inStream
	return step{bytes: bytes, frames: frames, capacity: underway, takes: takes}
}

// parts returns the bandwidth in parts of a time, of tokens that arrived: each as if its
// bytes had come evenly since the one before.
func parts(list []arrival, length, part time.Duration, between [2]string) ([]profile.Rate, error) {
	n := int(length / part)
	if len(list) == 0 || time.Duration(list[len(list)-1].at-list[0].at) < settling+time.Duration(n)*part {
		return nil, fmt.Errorf("%w: what arrived at %s lasts less than %v, the last of it came from %s after %v", ErrProbe,
			between[1], length, between[0], lasted(list))
	}
	bytes := make([]float64, n)
	begin := list[0].at + int64(settling)
	for i := 1; i < len(list); i++ {
		from, to := list[i-1].at-begin, list[i].at-begin
		for k := max(from/int64(part), 0); k < int64(n) && k*int64(part) < to; k++ {
			within := min(to, (k+1)*int64(part)) - max(from, k*int64(part))
			if within > 0 {
				bytes[k] += float64(list[i].bytes) * float64(within) / float64(to-from)
			}
		}
		if to == from && to >= 0 && to < int64(n)*int64(part) {
			bytes[to/int64(part)] += float64(list[i].bytes)
		}
	}
	rates := make([]profile.Rate, n)
	for k, b := range bytes {
		rates[k] = profile.Rate{At: time.Duration(k) * part, BytesPerSec: b / part.Seconds()}
	}
	return rates, nil
}

func lasted(list []arrival) time.Duration {
	if len(list) == 0 {
		return 0
	}
	return time.Duration(list[len(list)-1].at - list[0].at).Round(time.Millisecond)
}
