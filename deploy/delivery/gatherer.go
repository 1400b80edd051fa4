package delivery

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Gatherer puts the messages of one sender together that may be larger than the
// server's max_payload, as an Assembler does with tokens. A message of which a part was
// lost never becomes whole: it has to come again. The zero value is ready. It is not
// safe for concurrent use.
type Gatherer struct {
	Most  uint64 // bytes of a message; 0: wire.MaxMessageBytes
	parts Assembler
	data  []byte // of the message that is arriving
}

// gatherRoom is what is allocated for a message at first, whatever length it claims.
const gatherRoom = 1 << 20

// Add takes a message as it arrived and returns the one that it completes, which may be
// itself; ok is false if there is none. It is the caller's. Errors wrap wire.ErrMessage.
func (g *Gatherer) Add(msg []byte) (whole []byte, ok bool, err error) {
	if !wire.IsPart(msg) {
		return msg, true, nil
	}
	h, payload, err := wire.DecodePart(msg)
	if err == nil && g.Most > 0 && h.Total > g.Most {
		err = fmt.Errorf("%w: %d bytes, at most %d", wire.ErrMessage, h.Total, g.Most)
	}
	if err != nil {
		return nil, false, err
	}
	if h.Offset == 0 {
		g.data = make([]byte, 0, min(h.Total, gatherRoom))
	}
	if !g.parts.Add(g, &h, payload) {
		return nil, false, nil
	}
	whole, g.data = g.data, nil
	return whole, true, nil
}

// Place implements Receiver.
func (g *Gatherer) Place(_ boundary.TokenID, _ uint64, part []byte) bool {
	g.data = append(g.data, part...)
	return true
}

// Wants implements Receiver.
func (g *Gatherer) Wants(boundary.TokenID) bool { return false }

// Missing implements Receiver.
func (g *Gatherer) Missing() {}

// Messages calls publish with the messages that carry data as a Gatherer takes them, each
// of at most limit bytes, and returns its error. publish may not keep what it gets. from
// and seq tell messages apart: see wire.PartHeader.
func Messages(data []byte, from, seq uint64, limit int64, publish func([]byte) error) error {
	if int64(len(data)) <= limit {
		return publish(data)
	}
	h, err := wire.PartHeader(from, seq, len(data))
	if err != nil {
		return err
	}
	msg := make([]byte, 0, limit)
	for h.Length > 0 {
		part := h.Cut(limit)
		msg = msg[:wire.HeaderBytes]
		part.Encode(msg)
		msg = append(msg, data[part.Offset:part.Offset+uint64(part.Length)]...)
		if err := publish(msg); err != nil {
			return err
		}
	}
	return nil
}
