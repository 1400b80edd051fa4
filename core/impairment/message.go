package impairment

import (
	"math"

	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/plan"
)

// messages is the loss of messages. A token crosses as messages of plan.ChunkBytes, of which
// the last may be shorter. Each transmission of one is lost independently of all others. A lost
// message is sent again when the timeout has passed since the end of its transmission, until it
// has arrived; the others go on meanwhile, as far as the window allows: no message is sent
// while it and what was sent since the first missing message are more than the window. (What
// a window means where nothing is lost is MaxBytesPerSec.) The token has arrived when its
// last message has.
//
// A message that is sent again takes the link's time as if that followed its first
// transmission at once. The window counts anew for every token.
type messages struct {
	loss    *plan.Loss
	path    *Path
	missing []missing // scratch
}

// missing is a lost message.
type missing struct {
	offset int64   // of its first byte in the token
	due    float64 // when it leaves for the time that it arrives, in ns since the token's begin
}

func newMessages(l *plan.Loss, p *Path) *messages { return &messages{loss: l, path: p} }

// of draws how often each message is lost: k times or more with probability rateᵏ.
func (m *messages) of(key uint64) (e Effect) {
	log := math.Log(m.loss.Rate)
	timeout, window := float64(m.loss.Timeout), int64(m.loss.Window)
	if window <= 0 {
		window = math.MaxInt64
	}
	m.missing = m.missing[:0]
	first := 0 // of those that are missing
	at, held, last := 0.0, 0.0, 0.0
	for i, offset := uint64(0), int64(0); offset < m.path.Bytes || i == 0; i++ {
		size := min(m.path.Bytes-offset, plan.ChunkBytes)
		for ; first < len(m.missing) && offset+size-m.missing[first].offset > window; first++ {
			if due := m.missing[first].due; due > at {
				held += due - at
				at = due
			}
		}
		took := float64(size) * m.path.PerByteNs
		at += took
		if lost := math.Floor(math.Log(draw.Uniform(key, i)) / log); lost > 0 {
			due := at + min(lost*(timeout+took), longest)
			last = max(last, due)
			m.missing = append(m.missing, missing{offset, due})
			e.LostBytes += int64(lost) * size
			at += lost * took
		}
		offset += size
	}
	e.HeldNs, e.LateNs = bounded(held), bounded(max(last-at, 0))
	return e
}
