package shape

import "github.com/edgeprune/edgeprune/core/plan"

// chunk is a part of a token that has left.
type chunk struct {
	Queued
	total, offset, n int64
	took             int64 // for so long, in ns
	leaves           int64 // until that time
}

func (c *chunk) last() bool { return c.offset+c.n >= c.total }

// leave has the next chunk leave until a time.
func (s *Sender) leave(leaves int64) {
	t := &s.token
	c := chunk{Queued: t.Queued, total: t.total, offset: t.offset, n: min(s.chunk, t.total-t.offset),
		took: leaves - s.paced, leaves: leaves}
	s.line = append(s.line, c)
	s.paced = leaves
	t.offset += c.n
	t.ok = !c.last()
}

// publish publishes the first chunk of the line. When that was later than its time by more than
// Burst, the link goes on from Burst before it was.
func (s *Sender) publish() error {
	c := s.line[0]
	if c.offset == 0 {
		s.start = max(c.at, s.left)
	}
	if err := s.carrier.Publish(c.TokenID, c.total, c.offset, c.n); err != nil {
		return err
	}
	if len(s.line) == 1 {
		s.line = s.line[:0] // its memory is used again
	} else {
		s.line = s.line[1:]
	}
	s.left = s.clock.Now() - s.latency
	if resumes := s.left - int64(Burst); resumes > c.leaves {
		for i := range s.line {
			l := &s.line[i]
			resumes = max(resumes+l.took, l.leaves)
			l.leaves = resumes
		}
		s.paced = max(s.paced, resumes)
	}
	if !c.last() {
		return nil
	}
	s.left = max(s.left, s.start)
	s.carrier.Sent(c.TokenID, c.total, s.start, s.left)
	s.mu.Lock()
	s.sending--
	s.mu.Unlock()
	return nil
}

// Delay returns the link of what is delayed by a link's latency and outages alone, as
// acknowledgements are.
func Delay(link *plan.Link) *plan.Link {
	if link == nil {
		return nil
	}
	return &plan.Link{Name: link.Name, Latency: link.Latency, Outages: link.Outages}
}
