package compare

import "errors"

var (
	// ErrNoRun says that a folder is not that of a run, or holds none to compare with.
	ErrNoRun = errors.New("compare: not the folder of a run")
	// ErrUnfinished says that a run has not left its results yet.
	ErrUnfinished = errors.New("compare: the run has no results yet")
	// ErrKinds says that runs are of several kinds.
	ErrKinds = errors.New("compare: runs of several kinds")
	// ErrNothing says that runs have nothing in common.
	ErrNothing = errors.New("compare: nothing to compare")
)
