package metrics

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Stream computes what Measure does of a run whose events come one after the other and are
// not kept: a whole run of p, without Restarts. It holds the frames that are under way. Events
// of a frame come after all of those that its result waited for, and results in the order of
// frames.
type Stream struct {
	in     *instance
	tally  *tally
	frames map[int64]*frame
	next   int64 // the first frame that isn't whole
	free   []*frame
}

// NewStream returns the Stream of one instance of the application, that has seen no event.
func NewStream(p *plan.Plan, instance string) (*Stream, error) {
	in, err := newInstance(p, instance)
	if err != nil {
		return nil, err
	}
	return in.stream()
}

// stream returns a Stream that has seen no event.
func (in *instance) stream() (*Stream, error) {
	counted := in.plan.Workload.Frames - in.plan.Workload.Warmup
	if counted < leastCounted {
		return nil, in.tooFew(max(int(counted), 0))
	}
	return &Stream{in: in, tally: in.newTally(int(counted)), frames: map[int64]*frame{}}, nil
}

// Add takes the next event, which it does not keep. Its errors are those of Measure.
func (s *Stream) Add(e *trace.Event) error {
	var touched *frame
	err := s.in.add(func(n int64) *frame {
		touched = s.at(n)
		return touched
	}, e)
	switch {
	case err != nil || touched == nil:
		return err
	case touched.number < s.next:
		return s.in.errorf(touched.number, s.late(e), string(e.Kind)+" of "+e.Name)
	case touched.number > s.next:
		return nil
	}
	return s.leave()
}

// late says what is wrong with an event of a frame that is whole.
func (s *Stream) late(e *trace.Event) error {
	for _, d := range s.in.dynamic {
		if i, mine := s.in.actorAt[e.Actor]; mine && e.Kind == trace.Firing && slices.Contains(d.actors, i) {
			return ErrUnasked
		}
		if i, mine := s.in.boundaryAt[e.FIFO]; mine && e.Kind != trace.Firing && slices.Contains(d.boundaries, i) {
			return ErrUnasked
		}
	}
	return ErrDoubled
}

// at returns the frame of a number.
func (s *Stream) at(n int64) *frame {
	f := s.frames[n]
	switch {
	case f != nil:
		return f
	case n < s.next:
		return s.in.newFrame(n)
	case len(s.free) > 0:
		f = s.free[len(s.free)-1]
		s.free = s.free[:len(s.free)-1]
		f.clear(n)
	default:
		f = s.in.newFrame(n)
	}
	s.frames[n] = f
	return f
}

// leave counts the frames that are whole, from the next one on, and forgets them.
func (s *Stream) leave() error {
	for f := s.frames[s.next]; f != nil && s.in.whole(f); f = s.frames[s.next] {
		if what := s.in.unasked(f); what != "" {
			return s.in.errorf(f.number, ErrUnasked, what)
		}
		if f.number >= s.in.plan.Workload.Warmup {
			s.tally.add(f)
		}
		delete(s.frames, s.next)
		s.free = append(s.free, f)
		s.next++
	}
	return nil
}

// Outcome returns what Measure does for the events that were added, under the header of
// their trace.
func (s *Stream) Outcome(t *trace.Trace) (result.Outcome, error) {
	if s.next < s.in.plan.Workload.Frames {
		what := "the frame"
		if f := s.frames[s.next]; f != nil {
			what = s.in.lacks(f)
		}
		return result.Outcome{}, s.in.errorf(s.next, ErrMissing, what)
	}
	return s.tally.outcome(t)
}

// leastCounted is how many frames must count: two results make a throughput.
const leastCounted = 2

// CheckFrames says whether so many frames of a plan count that a run of it can be measured.
// The error wraps ErrTooFew.
func CheckFrames(p *plan.Plan) error {
	if counted := p.Workload.Frames - p.Workload.Warmup; counted < leastCounted {
		return tooFew(p, max(int(counted), 0))
	}
	return nil
}

func tooFew(p *plan.Plan, counted int) error {
	return fmt.Errorf("%w: %d after %d of warm-up, at least %d are needed; raise workload.frames", ErrTooFew, counted,
		p.Workload.Warmup, leastCounted)
}

// tooFew is the error of a run of whose frames so many count.
func (in *instance) tooFew(counted int) error {
	return fmt.Errorf("plan %s, instance %q: %w", in.plan.Name, in.name, tooFew(in.plan, counted))
}
