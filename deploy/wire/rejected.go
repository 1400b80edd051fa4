package wire

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Rejected counts messages that were dropped because they can't be true, by what they are. It
// is safe for concurrent use; the zero value has counted none.
type Rejected struct {
	mu     sync.Mutex
	counts map[string]uint64
}

// The kinds of messages that are rejected are a name of the message, such as data, and one of
// these.
const (
	Malformed = " malformed"              // not of the wire format, or of lengths or numbers that can't be
	Unopened  = " not sealed by the peer" // nor changed since
	Refused   = " refused"                // breaks the protocol: beyond the credit, or of what was never sent
	OverBound = " over bound"             // beyond what may wait to be taken, which follows from the credits
	Diverting = " diverting"              // its answer would go to somebody else: see AnswerTo
	Panicked  = " that panicked"          // its handler did
)

// Add counts n messages of a kind.
func (r *Rejected) Add(kind string, n uint64) {
	if n == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[string]uint64{}
	}
	r.counts[kind] += n
}

// Counts returns the counts by kind; nil for none.
func (r *Rejected) Counts() map[string]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.counts)
}

// RejectedText says counts by kind in words, in the order of the kinds; "" for none.
func RejectedText(counts map[string]uint64) string {
	var list []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%s: %d", kind, counts[kind]))
	}
	if list == nil {
		return ""
	}
	return "messages that can't be true were dropped (" + strings.Join(list, ", ") + ")"
}
