package boundary

// Verdict is what becomes of a token that has arrived.
type Verdict uint8

// The verdicts.
const (
	Take      Verdict = iota // it is the next one and has a slot
	Duplicate                // it has arrived before
	Missing                  // one before it is missing
	NoCredit                 // it has no slot: the sender breaks the protocol
)

// Accept judges token seq of a FIFO of the given capacity, whose sender sent the
// token before it as number prev-1 (prev is less than seq where firings left numbers
// unused). All tokens before arrived are here, all before committed are
// committed.
func Accept(seq, prev, arrived, committed, capacity uint64) Verdict {
	switch {
	case seq < arrived:
		return Duplicate
	case prev > arrived:
		return Missing
	case seq >= committed+capacity:
		return NoCredit
	}
	return Take
}
