package analysis

import "errors"

// What can keep a graph from being analysed. A cycle without tokens wraps
// graph.ErrDeadlock.
var (
	ErrMapping = errors.New("mapping doesn't fit the graph")
	ErrRange   = errors.New("times and delays are too large to be added up exactly")
)
