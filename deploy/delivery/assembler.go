package delivery

import (
	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Receiver takes the tokens of one FIFO.
type Receiver interface {
	// Place writes a part of a token that is arriving, from offset on, to its slot, and
	// returns true, if the token is taken now.
	Place(t boundary.TokenID, offset uint64, part []byte) bool
	// Wants reports whether Place would take a part of a token now.
	Wants(t boundary.TokenID) bool
	// Missing says that parts of tokens have been lost, so that the peer has to be asked
	// to send them again.
	Missing()
}

// Assembler puts the tokens of one FIFO together from their chunks. The zero value is
// ready. It is not safe for concurrent use.
type Assembler struct {
	token boundary.TokenID // the one that is arriving
	bytes uint64           // of it that have arrived
	begun bool             // further chunks of it are of use
}

// Add takes a chunk, which the Receiver may write to the token's slot, and reports
// whether the token is whole now. Of a token that is sent again the first chunk begins
// it again; a chunk that comes twice is dropped; one that is missing has the Receiver
// ask, if the token is one to take.
func (a *Assembler) Add(r Receiver, h *wire.Header, payload []byte) (whole bool) {
	switch {
	case h.Offset == 0:
		a.token, a.bytes, a.begun = h.TokenID, 0, true
	case h.TokenID != a.token:
		a.token, a.begun = h.TokenID, false
		a.missing(r)
		return false
	case !a.begun || h.Offset < a.bytes:
		return false
	case h.Offset > a.bytes:
		a.begun = false
		a.missing(r)
		return false
	}
	if !r.Place(h.TokenID, h.Offset, payload) {
		a.begun = false
		return false
	}
	a.bytes += uint64(h.Length)
	if !h.Last() {
		return false
	}
	a.begun = false
	return true
}

func (a *Assembler) missing(r Receiver) {
	if r.Wants(a.token) {
		r.Missing()
	}
}
