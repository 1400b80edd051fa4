package agent

import (
	"slices"
	"sync"
)

// maxNotes bounds what is kept for the coordinator.
const maxNotes = 100

// notes are what kernels have to say to the user, until the coordinator has them. It is
// safe for concurrent use.
type notes struct {
	mu   sync.Mutex
	list []string
}

// add keeps a note that isn't kept yet.
func (n *notes) add(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.list) < maxNotes && !slices.Contains(n.list, text) {
		n.list = append(n.list, text)
	}
}

// take returns the notes and forgets them.
func (n *notes) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.list
	n.list = nil
	return list
}
