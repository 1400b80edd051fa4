package models

import (
	"errors"
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

var (
	// ErrStore: the object store can't be used.
	ErrStore = errors.New("object store")
	// ErrStill: nothing has moved for longer than Options.Still.
	ErrStill = errors.New("no progress")
	// ErrLacking: parts of a sub-model are not in the object store, or are damaged there.
	ErrLacking = errors.New("parts of the sub-model are missing or damaged in the object store")
	// ErrModel: what a request says of a sub-model contradicts itself, or what came is another.
	ErrModel = errors.New("sub-model")

	errFreed = errors.New("what was in the way has been removed from the store")
)

// LackingError says which parts of a sub-model a store lacks. It wraps ErrLacking.
type LackingError struct {
	Bucket string
	Parts  []wire.Lacking // one at least
}

// Error implements error.
func (e *LackingError) Error() string {
	const shown = 3
	var names []string
	for _, p := range e.Parts[:min(shown, len(e.Parts))] {
		names = append(names, p.Part)
	}
	if n := len(e.Parts) - shown; n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	return fmt.Sprintf("%v %s: %s", ErrLacking, e.Bucket, strings.Join(names, ", "))
}

// Unwrap implements errors.
func (e *LackingError) Unwrap() error { return ErrLacking }
