package wire

import (
	"cmp"
	"fmt"
	"time"
)

// Process says which process an agent is, to others of its name.
type Process struct {
	Incarnation string    `json:"incarnation"`
	Host        string    `json:"host"`
	PID         int       `json:"pid"`
	Started     time.Time `json:"started"` // by the clock of the day of its host
	// Joining asks whether there is another one, which answers with its own Process.
	Joining bool `json:"joining,omitempty"`
}

// String says it in words, without control characters.
func (p Process) String() string {
	return fmt.Sprintf("process %d on host %s, started at %s", p.PID, plain(p.Host),
		p.Started.UTC().Format("2006-01-02 15:04:05 MST"))
}

// Before reports whether p stays where two agents of one name meet: the one that was started
// first.
func (p *Process) Before(q *Process) bool {
	return cmp.Or(p.Started.Compare(q.Started), cmp.Compare(p.Incarnation, q.Incarnation)) < 0
}
